// Runs before the loudspeaker: takes frames of s16le and plays them evenly.

import { Playout } from "./playout.js";
import { Resampler } from "./resampler.js";

class Playback extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate } }) {
    super();
    this.playout = new Playout(sampleRate);
    this.resampler = rate === sampleRate ? null : new Resampler(rate, sampleRate);
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(frame) {
    if (frame === null) {
      this.playout.reset();
      return;
    }
    const samples = Float32Array.from(new Int16Array(frame), (sample) => sample / 32768);
    if (this.resampler) {
      const ready = [];
      this.resampler.push(samples, (sample) => ready.push(sample));
      this.playout.write(ready);
    } else this.playout.write(samples);
  }

  process(_, [channels]) {
    this.playout.read(channels[0]);
    for (const other of channels.slice(1)) other.set(channels[0]);
    return true;
  }
}

registerProcessor("playback", Playback);
