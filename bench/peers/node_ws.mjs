// Peer: a conference mixer on Node's `ws` with `bufferutil`. Usage: node node_ws.mjs PORT
import { createRequire } from "node:module";

// The packages are installed beside the benchmark's temporary files, not beside this one.
const require = createRequire(process.cwd() + "/");
const { WebSocketServer } = require("ws");

const FRAME_MS = 20;
const BOUND = 5;
const BACKLOG = 65536;
const rooms = new Map();

class Member {
  constructor(socket) {
    this.socket = socket;
    this.queue = [];
    this.current = null;
  }

  push(frame) {
    if (this.queue.length === BOUND) this.queue.shift();
    this.queue.push(frame);
  }

  send(frame) {
    if (this.socket.bufferedAmount < BACKLOG) this.socket.send(frame);
  }
}

const silence = new Map();

function silent(bytes) {
  if (!silence.has(bytes)) silence.set(bytes, Buffer.alloc(bytes));
  return silence.get(bytes);
}

function samples(frame) {
  if (frame.byteOffset % 2 === 0) {
    return new Int16Array(frame.buffer, frame.byteOffset, frame.length >> 1);
  }
  const copy = Buffer.from(frame);
  return new Int16Array(copy.buffer, copy.byteOffset, copy.length >> 1);
}

let total = new Int32Array(960);

function mixMinus(members, bytes) {
  const length = bytes >> 1;
  if (total.length !== length) total = new Int32Array(length);
  const sum = total;
  sum.fill(0);
  for (const member of members) {
    if (!member.current) continue;
    const own = (member.current = samples(member.current));
    for (let i = 0; i < length; i++) sum[i] += own[i];
  }
  for (const member of members) {
    const frame = Buffer.allocUnsafe(bytes);
    const out = new Int16Array(frame.buffer, frame.byteOffset, length);
    const own = member.current;
    for (let i = 0; i < length; i++) {
      const value = own ? sum[i] - own[i] : sum[i];
      out[i] = value > 32767 ? 32767 : value < -32768 ? -32768 : value;
    }
    member.send(frame);
  }
}

function mix(members) {
  let bytes = 1920;
  for (const member of members) {
    member.current = member.queue.shift() ?? null;
    if (member.current) bytes = member.current.length;
  }
  if (members.length > 2) return mixMinus(members, bytes);
  if (members.length === 1) return members[0].send(silent(bytes));
  const [a, b] = members;
  a.send(b.current ?? silent(bytes));
  b.send(a.current ?? silent(bytes));
}

let due = performance.now() + FRAME_MS;

function tick() {
  for (const members of rooms.values()) mix(members);
  const now = performance.now();
  due += FRAME_MS;
  if (now - due > 200) due = now;
  setTimeout(tick, Math.max(0, due - now));
}

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  perMessageDeflate: false,
  backlog: 4096,
});

server.on("connection", (socket, request) => {
  const member = new Member(socket);
  const members = rooms.get(request.url) ?? [];
  rooms.set(request.url, members);
  members.push(member);
  socket.on("message", (frame, isBinary) => {
    if (isBinary) member.push(frame);
  });
  socket.on("close", () => {
    members.splice(members.indexOf(member), 1);
    if (!members.length) rooms.delete(request.url);
  });
  socket.on("error", () => socket.terminate());
});

setTimeout(tick, FRAME_MS);
