"""A browser's or an agent's request for a WebSocket, without a web server in between."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services import placement
from tests.live.fakes import Client, Stage

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


class Caller:
    """Somebody who opens WebSockets; `answer` is the HTTP answer to the latest request."""

    def __init__(self) -> None:
        self.answer: TestResponse | None = None
        self.head = b""
        self._ends: list[socket.socket] = []

    def open(
        self, client: FlaskClient, path: str, environ: dict[str, Any] | None = None, **headers: str
    ) -> Client:
        """Ask for a WebSocket; returns the client's end, past the answer to its request."""
        far, near = socket.socketpair()
        self._ends += [far, near]
        self.answer = client.get(
            path,
            headers=HANDSHAKE | {name.replace("_", "-"): text for name, text in headers.items()},
            environ_overrides={"werkzeug.socket": near, **(environ or {})},
        )
        return self._past_answer(far, near)

    def close(self) -> None:
        for end in self._ends:
            end.close()

    def _past_answer(self, far: socket.socket, near: socket.socket) -> Client:
        far.setblocking(False)
        self.head = b""
        try:
            while not self.head.endswith(b"\r\n\r\n"):
                self.head += far.recv(1)
        except BlockingIOError:
            pass  # Nothing was upgraded.
        return Client(far, lambda: None)


@contextmanager
def taking_sockets(stage: Stage) -> Iterator[None]:
    """Let an engine take sockets over, and nothing else, for the length of a block."""
    done = threading.Event()

    def converse() -> None:
        while not done.wait(0.001):
            stage.converse()

    thread = threading.Thread(target=converse)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def live_at(stage: Stage, host: str) -> placement.Live:
    """The registration of an engine that runs on a host."""
    return placement.Live("engine", host, stage.engine.intake.path, stage.engine.intake.pipe)
