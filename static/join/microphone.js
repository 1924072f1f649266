// The microphone as a device: asking for it, choosing one, losing it.

const WANTED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const KEY = "patchbay.microphone";

/** Fires `change` when the devices or the stream in use did. */
export class Microphone extends EventTarget {
  stream = null;
  devices = []; // [{id, name}]
  #muted = false;

  constructor() {
    super();
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#list());
  }

  /** Whether the browser lets this page ask at all: https, or this same machine. */
  get possible() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  }

  get chosen() {
    return this.stream?.getAudioTracks()[0]?.getSettings().deviceId ?? "";
  }

  /** Whether it may be opened without asking the person first. */
  async allowed() {
    if (!this.possible) return false;
    try {
      const { state } = await navigator.permissions.query({ name: "microphone" });
      return state === "granted";
    } catch {
      return false; // Not every browser tells.
    }
  }

  /** Open a device, or the one used last. Raises the browser's own DOMException. */
  async open(id = localStorage.getItem(KEY)) {
    if (!this.possible) throw new DOMException("No media devices here", "InsecureError");
    const audio = { ...WANTED, channelCount: 1 };
    if (id) audio.deviceId = { ideal: id };
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    this.#stop();
    this.stream = stream;
    this.mute(this.#muted);
    for (const track of stream.getAudioTracks()) track.onended = () => this.#ended(stream);
    if (id) localStorage.setItem(KEY, id);
    await this.#list();
    return stream;
  }

  /** Switch the device's own sound off, so that the browser sees none of it. */
  mute(muted) {
    this.#muted = muted;
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  close() {
    this.#stop();
    this.#changed();
  }

  #ended(stream) {
    if (this.stream !== stream) return;
    this.stream = null;
    this.#changed();
  }

  #stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }

  async #list() {
    const found = await navigator.mediaDevices.enumerateDevices();
    const inputs = found.filter(({ kind, deviceId }) => kind === "audioinput" && deviceId);
    this.devices = inputs.map(({ deviceId, label }, index) => ({
      id: deviceId,
      name: label || `Microphone ${index + 1}`,
    }));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
