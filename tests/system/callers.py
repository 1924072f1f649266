"""Agents and guests of a running product, over real sockets."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
import redis
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.product import Product

Samples = NDArray[np.int16]
RATE = 48_000
PATIENCE = 20.0  # Seconds for anything to happen.

everybody = ExitStack()
"""Closes all sockets that were opened."""


class Caller:
    """One WebSocket: what it is told and what it hears, kept from the beginning."""

    def open(self, url: str, **options: Any) -> None:
        """Connect, with nothing heard yet."""
        # Nothing waits in the library, so that nobody counts as a slow reader.
        options |= {"max_queue": None, "max_size": None, "compression": None, "close_timeout": 1}
        self.socket = everybody.enter_context(connect(url, **options))
        self.words: list[dict[str, Any]] = []
        self.frames: list[Samples] = []
        self.code: int | None = None
        """The close code, once the socket is closed; 1006 when it broke."""

    def say(self, type: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": type, **fields}))

    def play(self, sound: Samples) -> None:
        """Send sound in messages of a quarter of a million samples at most."""
        for part in np.array_split(sound, len(sound) // 250_000 + 1):
            self.socket.send(part.tobytes())

    def until(self, happened: Callable[[], bool]) -> None:
        """Listen until it has happened. Fails when it does not, or when the socket ends first."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            try:
                message = self.socket.recv(timeout=deadline - time.monotonic())
            except (TimeoutError, ConnectionClosed) as error:
                if isinstance(error, ConnectionClosed):
                    self.code = error.rcvd.code if error.rcvd else 1006
                if happened():
                    return
                pytest.fail(f"It did not happen. The last that was said: {self.words[-5:]}")
            if isinstance(message, bytes):
                self.frames.append(np.frombuffer(message, np.int16))
            else:
                self.words.append(json.loads(message))

    def told(self, type: str, **fields: Any) -> list[dict[str, Any]]:
        """What was said so far of a type (an event, in the rooms dialect), with these fields."""
        return [
            word
            for word in self.words
            if word.get("type", word.get("event")) == type and fields.items() <= word.items()
        ]

    def hear(self, type: str, count: int = 1, **fields: Any) -> dict[str, Any]:
        """Listen until something has been said so many times; returns the last of them."""
        self.until(lambda: len(self.told(type, **fields)) >= count)
        return self.told(type, **fields)[-1]

    def hear_end(self) -> int:
        """Listen until the socket is closed; returns the code."""
        self.until(lambda: self.code is not None)
        assert self.code is not None
        return self.code

    @property
    def sound(self) -> Samples:
        """All that was heard, in one piece."""
        return np.concatenate([np.zeros(0, np.int16), *self.frames])

    def hear_more(self, seconds: float) -> Samples:
        """The next so many seconds of sound."""
        first = len(self.frames)
        self.until(lambda: len(self.frames) - first >= seconds * 50)
        return np.concatenate(self.frames[first:])


class Stream(Caller):
    """An agent on a call's stream; the key is the product's first unless given."""

    def __init__(
        self, product: Product, call: dict[str, Any], query: str = "", key: str | None = None
    ) -> None:
        url = f"{product.ws_url}/api/call/{call['call_id']}/stream{query}"
        self.open(url, additional_headers={"X-API-Key": key or product.api_key})
        self.call = call
        self.hear("hello")


class Agent(Stream):
    """An agent who hears the room."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.say("audio_config", receive=True)
        self.hear("audio_config", ready=True)


class Guest(Caller):
    """A person who came in by a call's link."""

    def __init__(self, product: Product, call: dict[str, Any], name: str = "Ann") -> None:
        access = _exchange(product, call)
        own = {"Authorization": f"Bearer {access['access_token']}"}
        seats = f"{product.url}/api/v1/rooms/{access['room_id']}/participants"
        seat = httpx.post(seats, headers=own, json={"display_name": name}).raise_for_status().json()
        self.token = seat["access_token"]
        self.id = seat["participant"]["id"]
        self.come_in(product)

    def tell(self, event: str, **data: Any) -> None:
        self.socket.send(json.dumps({"event": event, "data": data}))

    def come_in(self, product: Product) -> None:
        """Open a socket, or another one with the same token."""
        protocols = [Subprotocol("chalk"), Subprotocol(f"token.{self.token}")]
        self.open(f"{product.ws_url}/api/v1/ws", subprotocols=protocols)
        self.hear("room.snapshot")


def place(product: Product, beside: dict[str, Any] | None = None) -> dict[str, Any]:
    """Place a call, into the room of another if given."""
    order = {"platform": "room"} | ({"meeting_url": beside["join_url"]} if beside else {})
    reply = httpx.post(f"{product.url}/api/call", headers=_key(product), json=order, timeout=30)
    return dict(reply.raise_for_status().json())


def status(product: Product, call: dict[str, Any]) -> dict[str, Any]:
    """A call as the API shows it."""
    reply = httpx.get(f"{product.url}/api/call/{call['call_id']}", headers=_key(product))
    return dict(reply.raise_for_status().json())


def hang_up(product: Product, call: dict[str, Any]) -> int:
    """End a call over the API; returns the status of the answer."""
    url = f"{product.url}/api/call/{call['call_id']}"
    return httpx.delete(url, headers=_key(product), timeout=30).status_code


def hang_up_all(product: Product) -> None:
    """End all calls that go on."""
    with product.client() as client:
        for call in client.get("/api/calls").json()["calls"]:
            hang_up(product, call)


def chat(product: Product, call: dict[str, Any], text: str) -> None:
    """Write into a call's chat over the API."""
    url = f"{product.url}/api/call/{call['call_id']}/chat"
    httpx.post(url, headers=_key(product), json={"text": text}).raise_for_status()


def owner(product: Product, call: dict[str, Any]) -> str:
    """The id of the live process that runs a call's room."""
    room_id = _exchange(product, call)["room_id"]
    with redis.Redis(unix_socket_path=str(product.data_dir / "run" / "redis.sock")) as client:
        return str(client.get(f"patchbay:room:{room_id}").decode())


def process(product: Product, role: str, live_id: str) -> psutil.Process:
    """The engine or the registrar of a live process."""
    engines = [psutil.Process(pid) for pid in product.pids("engine")]
    engine = next(found for found in engines if live_id in found.cmdline()[-1])
    parent = engine.parent()
    assert parent is not None
    return engine if role == "engine" else parent


def ramp(seconds: int) -> Samples:
    """Sound in which no sample can be lost, repeated or moved without being noticed."""
    return (np.arange(seconds * RATE) % 30_000 + 1).astype(np.int16)


@contextmanager
def unbroken_sound(speaker: Caller, listener: Caller, seconds: int = 40) -> Iterator[None]:
    """Play for as long as the block takes; all of it must have been heard, without a gap.

    `seconds` is the most that it may take.
    """
    sent = ramp(seconds)
    speaker.play(sent)
    listener.until(lambda: listener.frames[-1:] != [] and bool(listener.frames[-1].any()))
    yield
    speaker.say("clear")
    played = speaker.hear("cleared")["played_ms"] * RATE // 1000
    assert played >= RATE // 50
    listener.until(lambda: np.count_nonzero(listener.sound) >= played)
    heard = listener.sound
    begin = np.flatnonzero(heard)[0]
    assert np.array_equal(heard[begin : begin + played], sent[:played])
    assert not listener.told("audio_dropped")


def _key(product: Product) -> dict[str, str]:
    return {"X-API-Key": product.api_key}


def _exchange(product: Product, call: dict[str, Any]) -> dict[str, Any]:
    url = f"{product.url}/api/v1/public/join-token/exchange"
    reply = httpx.post(url, json={"join_token": call["join_url"].rsplit("/", 1)[-1]})
    return dict(reply.raise_for_status().json())
