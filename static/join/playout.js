// The loudspeaker's buffer: keeps a little in hand, hides gaps, and never falls far behind.

const TARGET = 0.06; // Seconds in hand before sound starts.
const LIMIT = 0.2; // More than this is cut back to the target.
const FADE = 0.005;
const QUIET = 0.002; // A block below this peak may be left out unheard.

export class Playout {
  constructor(rate) {
    this.ring = new Float32Array(rate); // One second, more than is ever kept.
    this.target = Math.round(rate * TARGET);
    this.limit = Math.round(rate * LIMIT);
    this.fade = Math.round(rate * FADE);
    this.reset();
  }

  reset() {
    this.head = 0; // Where the next sample is read.
    this.depth = 0; // Samples in hand.
    this.playing = false;
    this.rise = 0; // Samples left of the fade in.
    this.echo = 0; // Samples left of the fade out after a gap began.
    this.ghost = 0; // Where the sound went on before a cut, blended out.
    this.blend = 0; // Samples left of that.
    this.underruns = 0;
    this.trims = 0;
  }

  write(samples) {
    const { ring } = this;
    for (let i = 0; i < samples.length; i += 1) {
      ring[(this.head + this.depth) % ring.length] = samples[i];
      this.depth += 1;
    }
    if (this.depth > this.limit) this.#trim();
  }

  /** Fill `out` with sound, or with silence while there is too little in hand. */
  read(out) {
    if (!this.playing && this.depth >= this.target) {
      this.playing = true;
      this.rise = this.fade;
      this.echo = 0;
    }
    let peak = 0;
    for (let i = 0; i < out.length; i += 1) {
      out[i] = this.#next();
      peak = Math.max(peak, Math.abs(out[i]));
    }
    // Two clocks are never equal: what gathers is given up where nobody is speaking.
    if (peak < QUIET && this.playing && this.depth > this.target + 2 * out.length) {
      this.#skip(out.length);
    }
  }

  #next() {
    if (this.playing && this.depth === 0) {
      this.playing = false;
      this.echo = this.fade;
      this.mirror = this.head - 1;
      this.underruns += 1;
    }
    if (!this.playing) return this.echo > 0 ? this.#reflect() : 0;
    let sample = this.ring[this.head];
    this.#skip(1);
    if (this.rise > 0) {
      this.rise -= 1;
      sample *= 1 - this.rise / this.fade;
    }
    if (this.blend > 0) {
      const old = this.ring[this.ghost % this.ring.length];
      sample += (old - sample) * (this.blend / this.fade);
      this.ghost += 1;
      this.blend -= 1;
    }
    return sample;
  }

  // A gap begins with the last few milliseconds played backwards and fading: no click, no hole.
  #reflect() {
    const { ring } = this;
    const sample = ring[(this.mirror + ring.length) % ring.length] * (this.echo / this.fade);
    this.mirror -= 1;
    this.echo -= 1;
    return sample;
  }

  #trim() {
    this.ghost = this.head;
    this.blend = this.playing ? this.fade : 0;
    this.#skip(this.depth - this.target);
    this.trims += 1;
  }

  #skip(count) {
    this.head = (this.head + count) % this.ring.length;
    this.depth -= count;
  }
}
