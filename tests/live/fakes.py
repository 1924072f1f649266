"""A live process without its registrar: an engine ticked by hand, with clients at the far end."""

import json
import socket
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app import websocket
from app.config import Settings
from app.live.engine import Engine
from app.live.link import Link
from app.live.session import Session
from app.websocket import Binary, Close, Message, Text

ROOM = "0198aaaa-0000-7000-8000-000000000001"
CALL = "0198bbbb-0000-7000-8000-000000000001"
AGENT = "0198cccc-0000-7000-8000-000000000001"
EVERYTHING = ["audio_in", "audio_out", "read", "write", "typing"]
SECOND = 50  # Ticks.

Heard = dict[str, Any] | Message  # A JSON message as a dict, anything else as it is.


class Client:
    """The far end of a socket that an engine has; `make_room` is called when the kernel is full."""

    def __init__(self, end: socket.socket, make_room: Callable[[], None]) -> None:
        end.setblocking(False)
        self.socket = end
        self.ended = False
        self._make_room = make_room
        self._decoder = websocket.Decoder(max_text=8 << 20, max_binary=8 << 20, server=False)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        while data:
            try:
                data = data[self.socket.send(data) :]
            except BlockingIOError:
                self._make_room()

    def say(self, type: str, **fields: Any) -> None:
        """Send a JSON message of the gateway dialect."""
        self.send(websocket.encode_text(json.dumps({"type": type, **fields}), mask=True))

    def tell(self, event: str, **data: Any) -> None:
        """Send a JSON message of the rooms dialect."""
        text = json.dumps({"event": event, "data": data})
        self.send(websocket.encode_text(text, mask=True))

    def play(self, pcm: bytes | np.ndarray) -> None:
        """Send a binary frame: bytes, or an array of samples."""
        payload = pcm if isinstance(pcm, bytes) else pcm.astype("<i2").tobytes()
        self.send(websocket.encode_binary(payload, mask=True))

    def take(self) -> list[Heard]:
        """Everything that has come since the last time, in order."""
        found: list[Message] = []
        while not self.ended:
            try:
                data = self.socket.recv(1 << 20)
            except BlockingIOError:
                break
            except ConnectionError:
                data = b""
            self.ended = not data
            found += self._decoder.feed(data)
        return [json.loads(m.text) if isinstance(m, Text) else m for m in found]

    def words(self, *types: str) -> list[dict[str, Any]]:
        """The JSON messages that have come, or those of some types or event names."""
        said = [message for message in self.take() if isinstance(message, dict)]
        return [m for m in said if not types or m.get("type", m.get("event")) in types]

    def frames(self) -> list[np.ndarray]:
        """The audio that has come, as arrays of samples."""
        return [np.frombuffer(m.payload, "<i2") for m in self.take() if isinstance(m, Binary)]

    def goodbye(self) -> Close:
        """The close frame, which must be the last that came."""
        last = self.take()[-1]
        assert isinstance(last, Close)
        return last

    def vanish(self) -> None:
        """End the connection without a word."""
        self.socket.close()


class FakeRegistrar:
    """The registrar's end of an engine's link: keeps reports, sends orders."""

    def __init__(self, end: socket.socket) -> None:
        self.link = Link(end, blocking=False)
        self.reports: list[dict[str, Any]] = []

    def hear(self, *ops: str) -> list[dict[str, Any]]:
        """Take the reports that have come; returns those of some names, and forgets all."""
        self.reports += self.link.receive()
        found, self.reports = self.reports, []
        return [report for report in found if not ops or report["op"] in ops]


class Stage:
    """An engine with a fake registrar, and everything a test needs to play with them."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        ours, theirs = socket.socketpair()
        self.registrar = FakeRegistrar(ours)
        known = {"data_dir": str(folder), "secret_key": "a secret that only tests know"}
        self.settings = Settings(**(known | settings))
        self.engine = Engine(Link(theirs, blocking=False), str(folder / "e.sock"), self.settings)
        self.clients: list[Client] = []
        self.rate = 48_000

    def connect(self, *, welcome: dict[str, Any] | None = None, **header: Any) -> Client:
        """Hand a socket over and have it welcomed; `welcome` changes the facts."""
        client = self.attach(**header)
        self.welcome(**(welcome or {}))
        client.take()
        return client

    def attach(self, **changes: Any) -> Client:
        """Hand a socket over that nobody has welcomed yet."""
        far, near = socket.socketpair()
        self.engine.take(self.header(**changes), near)
        return self.client(far)

    def client(self, far: socket.socket) -> Client:
        """Look after a socket's far end."""
        self.clients.append(Client(far, self.tick))
        return self.clients[-1]

    def header(self, **changes: Any) -> dict[str, Any]:
        """What the web process sends along with a gateway stream, or with changes another's."""
        options = {"call_id": "call_1", "stream_id": "s", "platform": "room", "partials": False}
        header = {
            "dialect": "gateway",
            "stream_id": uuid.uuid4().hex,
            "room_id": ROOM,
            "participant_id": AGENT,
            "call_id": CALL,
            "key_id": "key",
            "may_write": True,
            "last_seq": None,
        } | changes
        seat = {name: header[name] for name in ("participant_id", "room_id")}
        rights = {"tenant_id": "t", "role": "participant", "permissions": {}}
        return header | {"options": options | seat | rights}

    def guest(self, participant: str, **more: Any) -> Client:
        """Let a guest in, over the rooms dialect."""
        guest = {"participant_id": participant, "call_id": None, "key_id": None}
        return self.connect(dialect="rooms", **guest, **more)

    def facts(self, **changes: Any) -> dict[str, Any]:
        """What a registrar tells of a room."""
        return {
            "state": "active",
            "capabilities": EVERYTHING,
            "rate": self.rate,
            "last_seq": 10,
            "room": {"id": ROOM, "name": "", "status": "active", "config": {}},
            "participants": [],
            "messages": [],
            "replay": None,
            "gap": None,
            "server_time": "2026-03-13T10:00:00.000Z",
        } | changes

    def welcome(self, **facts: Any) -> None:
        """Welcome the socket that came last."""
        session = list(self.engine.waiting.values())[-1]
        room = session.header["room_id"]
        self.order("welcome", sid=session.id, room=room, facts=self.facts(**facts))

    def order(self, op: str, **fields: Any) -> None:
        """Send an order and have the engine obey it."""
        self.registrar.link.send({"op": op, **fields})
        self.converse()

    def event(self, type: str, seq: int, *, call: str | None = None, **payload: Any) -> None:
        """Have the engine told of an event."""
        known = {"seq": seq, "at": "2026-03-13T10:00:00.000Z", "type": type}
        self.order("event", event=known | {"room_id": ROOM, "call_id": call, "payload": payload})

    def state(self, seq: int, state: str, call: str = CALL, **more: Any) -> None:
        """Have the engine told that a call has a new state."""
        rest = dict.fromkeys(("previous", "detail", "end_reason", "error"))
        self.event("call.state", seq, call=call, state=state, **(rest | more))

    def converse(self) -> None:
        """Let the engine hear its registrar and take sockets over, without waiting."""
        self.engine.clock.due = time.monotonic()
        self.engine.converse()
        # The next tick is due now; a late one would count as a standstill of the engine.
        self.engine.clock.due = time.monotonic()

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.engine.tick()

    def heard(self, client: Client, ticks: int) -> np.ndarray:
        """What a client hears in some ticks, taking each frame as it comes."""
        frames: list[np.ndarray] = []
        for _ in range(ticks):
            self.tick()
            frames += client.frames()
        return np.concatenate(frames) if frames else np.zeros(0, np.int16)

    def sessions(self) -> list[Session]:
        """The sockets that are in, in the order of their descriptors."""
        return [session for _, session in sorted(self.engine.sessions.items())]

    def close(self) -> None:
        for client in self.clients:
            client.vanish()
        self.engine.running = False
        self.engine.stop("shutdown")
        self.engine.link.close()
        self.registrar.link.close()


def ramp(frames: int, rate: int = 48_000, start: int = 1) -> np.ndarray:
    """Samples that count up, so that none can be lost, repeated or moved unseen."""
    return (np.arange(start, start + frames * rate // 50) % 30_000).astype(np.int16)


def tone(level: int, rate: int = 48_000) -> np.ndarray:
    """One frame in which every sample has the same value."""
    return np.full(rate // 50, level, np.int16)
