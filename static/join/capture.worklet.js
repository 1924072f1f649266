// Runs beside the microphone: cuts its sound into 20 ms frames of s16le and says how loud it is.

import { Resampler } from "./resampler.js";

class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate } }) {
    super();
    this.resampler = rate === sampleRate ? null : new Resampler(sampleRate, rate);
    this.frame = new Int16Array(rate / 50);
    this.filled = 0;
    this.energy = 0;
    this.put = (sample) => this.take(sample);
  }

  process([channels]) {
    if (channels.length === 0) return true;
    const [sound] = channels;
    if (this.resampler) this.resampler.push(sound, this.put);
    else for (const sample of sound) this.take(sample);
    return true;
  }

  take(sample) {
    const clipped = Math.max(-1, Math.min(1, sample));
    this.frame[this.filled] = Math.round(clipped * 32767);
    this.energy += clipped * clipped;
    this.filled += 1;
    if (this.filled === this.frame.length) this.send();
  }

  send() {
    const level = 10 * Math.log10(this.energy / this.filled + 1e-12);
    const { buffer } = this.frame;
    this.frame = new Int16Array(this.filled);
    this.filled = 0;
    this.energy = 0;
    this.port.postMessage({ frame: buffer, level }, [buffer]);
  }
}

registerProcessor("capture", Capture);
