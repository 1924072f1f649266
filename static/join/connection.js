// The socket to the room: opens, comes back by itself, and gives every event once.

const FINAL = new Set([1000, 4401, 4403, 4404, 4409]); // No use in trying again with this seat.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const QUIET = 10_000; // ms without a byte after which the server is asked for a sign of life.
const OPENING = 8_000;
const LOST = 4000;

/**
 * Fires `message` ({event, data}), `audio` (ArrayBuffer), and `state` ({state, code, refused}) with
 * a state of connecting, open, waiting (it tries again by itself) or closed (it does not: `code` is
 * the socket's, `refused` what kept it from being opened).
 */
export class Connection extends EventTarget {
  #socket = null;
  #getToken;
  #tries = 0;
  #timer = 0;
  #watch = 0;
  #heard = 0;
  #floor = null; // Events up to this number are known; null before the first snapshot.
  #seen = new Set(); // Numbers above the floor that were given while missed ones are on the way.
  #syncing = false;
  #early = false;

  /**
   * `getToken` gives a token for the socket; it is told whether the last try failed. It throws
   * {final: true} when there is no use in asking again.
   */
  constructor(getToken) {
    super();
    this.#getToken = getToken;
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.#socket && this.#lost(1006));
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connect, or connect again at once instead of after the wait. */
  async hurry() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    this.#tell("connecting");
    const pending = (this.#socket = { close() {} }); // Holds the place while the token is fetched.
    let token;
    try {
      token = await this.#getToken(this.#tries > 0);
    } catch (refused) {
      if (this.#socket !== pending) return;
      this.#socket = null;
      if (refused.final) this.#tell("closed", { refused });
      else this.#wait();
      return;
    }
    if (this.#socket === pending) this.#dial(token);
  }

  send(event, data = {}) {
    if (this.open) this.#socket.send(JSON.stringify({ event, data }));
    return this.open;
  }

  sendAudio(frame) {
    // What has piled up in the browser is late already: leave frames out until it is gone.
    if (this.open && this.#socket.bufferedAmount < 64_000) this.#socket.send(frame);
  }

  /** Leave for good: 1000 tells the server that nobody comes back. */
  leave() {
    clearTimeout(this.#timer);
    const socket = this.#drop();
    socket?.close(1000);
    this.#tries = 0;
  }

  #dial(token) {
    const address = `${location.origin.replace(/^http/, "ws")}/api/v1/ws`;
    const socket = new WebSocket(address, ["chalk", `token.${token}`]);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#heard = Date.now();
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = ({ code }) => this.#lost(code);
    this.#watch = setInterval(() => this.#look(), 1000);
  }

  #take(data) {
    this.#heard = Date.now();
    if (typeof data !== "string") {
      this.dispatchEvent(new CustomEvent("audio", { detail: data }));
      return;
    }
    const message = JSON.parse(data);
    if (message.event === "connected") this.#greeted();
    if (message.event === "room.snapshot") this.#settle(message.data);
    if (this.#known(message.data.seq)) return;
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  #greeted() {
    this.#tries = 0;
    this.#syncing = this.#floor !== null;
    this.#early = this.#syncing;
    if (this.#syncing) this.send("room.sync", { last_seq: this.#floor });
    this.#tell("open");
  }

  // After a reconnect two snapshots come: one at once, and one behind the events that were missed.
  // Only the second says that everything up to its number was given.
  #settle(snapshot) {
    if (this.#early) {
      this.#early = false;
      return;
    }
    this.#syncing = false;
    this.#floor = Math.max(this.#floor ?? 0, snapshot.last_seq);
    this.#seen.clear();
  }

  #known(seq) {
    if (seq === undefined || seq === null || this.#floor === null) return false;
    if (seq <= this.#floor || this.#seen.has(seq)) return true;
    if (this.#syncing) this.#seen.add(seq);
    else this.#floor = seq;
    return false;
  }

  #look() {
    const quiet = Date.now() - this.#heard;
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      if (quiet > OPENING) this.#lost(1006);
    } else if (quiet > QUIET * 1.5) this.#lost(1006);
    else if (quiet > QUIET) this.send("ping");
  }

  #lost(code) {
    const socket = this.#drop();
    if (code === 1006) socket?.close(LOST); // Should it still get there, it must not mean leaving.
    if (FINAL.has(code)) this.#tell("closed", { code });
    else this.#wait();
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    clearInterval(this.#watch);
    if (socket) socket.onmessage = socket.onclose = null;
    return socket;
  }

  #wait() {
    const doubled = Math.min(FIRST_WAIT * 2 ** this.#tries, LONGEST_WAIT);
    const wait = doubled * (0.5 + Math.random());
    this.#tries += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hurry(), wait);
    this.#tell("waiting");
  }

  #tell(state, more = {}) {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, ...more } }));
  }
}
