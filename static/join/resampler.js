// A streaming resampler for devices that do not run at the wire's rate; used inside the worklets.

const HALF = 16; // Taps on each side at equal rates: 0.3 ms of delay.

/** Band-limited interpolation: a sinc in a Blackman window, one set of taps per output phase. */
export class Resampler {
  constructor(from, to) {
    const common = divisor(from, to);
    this.up = to / common;
    this.down = from / common;
    const narrow = Math.min(1, to / from) * 0.92; // Leaves room for the slope below Nyquist.
    this.half = Math.ceil(HALF / Math.min(1, to / from));
    this.taps = Array.from({ length: this.up }, (_, phase) => this.#design(phase, narrow));
    this.past = new Float32Array(2 * this.half);
    this.phase = 0;
    this.at = 0;
  }

  /** Take samples in and give each finished output sample to `emit`. */
  push(input, emit) {
    const width = 2 * this.half;
    const line = new Float32Array(width + input.length);
    line.set(this.past);
    line.set(input, width);
    while (this.at + width <= line.length) {
      const taps = this.taps[this.phase];
      let sum = 0;
      for (let k = 0; k < width; k += 1) sum += line[this.at + k] * taps[k];
      emit(sum);
      this.phase += this.down;
      this.at += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    const kept = line.length - width;
    this.past.set(line.subarray(kept));
    this.at -= kept;
  }

  #design(phase, narrow) {
    const taps = new Float32Array(2 * this.half);
    let sum = 0;
    for (let k = 0; k < taps.length; k += 1) {
      const x = k - this.half + 1 - phase / this.up;
      const window =
        0.42 + 0.5 * Math.cos((Math.PI * x) / this.half) + 0.08 * Math.cos((2 * Math.PI * x) / this.half);
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x * narrow) / (Math.PI * x * narrow);
      taps[k] = Math.abs(x) > this.half ? 0 : sinc * window;
      sum += taps[k];
    }
    return taps.map((tap) => tap / sum);
  }
}

function divisor(a, b) {
  return b === 0 ? a : divisor(b, a % b);
}
