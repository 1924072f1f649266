// Sound in both directions: the microphone to 20 ms frames, and frames to the loudspeaker.

const RATES = [48000, 24000, 16000, 8000]; // What the wire can carry.
const HERE = new URL(".", import.meta.url);

/** Fires `frame` (ArrayBuffer of s16le), `level` (dBFS of the microphone) and `halted`. */
export class Sound extends EventTarget {
  #context = null;
  #capture = null;
  #player = null;
  #source = null;
  #loading = null;

  /** Samples per second on the wire; known after `start`. */
  rate = 48000;

  /** Make the context. Call it where the person has just clicked, or sound stays off. */
  start() {
    this.#loading ??= this.#load({ sampleRate: 48000 });
    return this.#loading;
  }

  async wake() {
    await this.#context?.resume().catch(() => {});
  }

  get halted() {
    return this.#context !== null && this.#context.state !== "running";
  }

  /** Take the microphone's sound from a stream, or from none. */
  async listenTo(stream) {
    await this.start();
    this.#source?.disconnect();
    this.#source = null;
    if (!stream) return;
    try {
      this.#source = this.#context.createMediaStreamSource(stream);
    } catch {
      // Some browsers cannot bring a device of another rate into this context.
      await this.#restart();
      this.#source = this.#context.createMediaStreamSource(stream);
    }
    this.#source.connect(this.#capture);
  }

  /** Play one frame from the room. */
  play(frame) {
    this.#player?.play(frame);
  }

  /** Forget what is waiting to be played: a new connection starts afresh. */
  flush() {
    this.#player?.flush();
  }

  async #restart() {
    await this.#context.close();
    this.#loading = this.#load({});
    await this.#loading;
  }

  async #load(options) {
    const context = new AudioContext({ latencyHint: "interactive", ...options });
    this.#context = context;
    this.rate = RATES.includes(context.sampleRate) ? context.sampleRate : RATES[0];
    context.onstatechange = () => this.dispatchEvent(new Event("halted"));
    if (!context.audioWorklet) {
      this.#player = new Scheduler(context, this.rate); // An insecure address has no worklets.
      return;
    }
    await context.audioWorklet.addModule(new URL("capture.worklet.js", HERE));
    await context.audioWorklet.addModule(new URL("playback.worklet.js", HERE));
    const processorOptions = { rate: this.rate };
    this.#capture = new AudioWorkletNode(context, "capture", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions,
    });
    this.#capture.port.onmessage = ({ data }) => {
      this.dispatchEvent(new CustomEvent("level", { detail: data.level }));
      this.dispatchEvent(new CustomEvent("frame", { detail: data.frame }));
    };
    this.#player = new Worklet(context, processorOptions);
  }
}

class Worklet {
  constructor(context, processorOptions) {
    this.node = new AudioWorkletNode(context, "playback", { numberOfInputs: 0, processorOptions });
    this.node.connect(context.destination);
  }

  play(frame) {
    this.node.port.postMessage(frame, [frame]);
  }

  flush() {
    this.node.port.postMessage(null);
  }
}

// Lines frames up one behind the other on the context's own clock.
class Scheduler {
  constructor(context, rate) {
    Object.assign(this, { context, rate, end: 0 });
  }

  play(frame) {
    const samples = Float32Array.from(new Int16Array(frame), (sample) => sample / 32768);
    if (samples.length === 0) return;
    const { currentTime } = this.context;
    if (this.end < currentTime) this.end = currentTime + 0.06;
    if (this.end > currentTime + 0.2) return; // Too far behind: this frame is left out.
    const buffer = this.context.createBuffer(1, samples.length, this.rate);
    buffer.copyToChannel(samples, 0);
    const node = new AudioBufferSourceNode(this.context, { buffer });
    node.connect(this.context.destination);
    node.start(this.end);
    this.end += buffer.duration;
  }

  flush() {
    this.end = 0;
  }
}
