"""The hand-over of a descriptor on one host."""

import json
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import handover
from app.handover import HandoverFailed, Incoming
from tests.fakes import at_once

SECRET = "between web and live"
HEADER = {"room_id": "r", "options": {"é": [1, None]}}


@pytest.fixture
def lines() -> Iterator[tuple[socket.socket, Incoming]]:
    """A Unix line and the engine's end of it."""
    web, line = socket.socketpair()
    incoming = Incoming(line, secret=None)
    yield web, incoming
    web.close()
    incoming.close()


@pytest.fixture
def pipes() -> Iterator[tuple[socket.socket, Incoming]]:
    """The web process's end of a pipe between two addresses, and the engine's."""
    web, line = _connected("127.0.0.2", "127.0.0.3")
    incoming = Incoming(line, secret=SECRET)
    yield web, incoming
    web.close()
    incoming.close()


def test_a_descriptor_arrives_with_its_header_however_slowly(
    lines: tuple[socket.socket, Incoming],
) -> None:
    web, incoming = lines
    client, far = socket.socketpair()
    body = json.dumps(HEADER).encode()

    nothing = incoming.read()
    socket.send_fds(web, [b"F"], [client.fileno()])
    client.close()
    for byte in struct.pack("!I", len(body)) + body[:-1]:
        web.send(bytes([byte]))
        assert incoming.read() is None
    web.send(body[-1:])
    header = incoming.read()
    far.send(b"hello")

    assert nothing is None
    assert header == HEADER
    assert incoming.socket.recv(5) == b"hello"
    far.close()


@pytest.mark.parametrize(
    "data",
    [
        b"F" + struct.pack("!I", 1 << 21),
        b"F" + struct.pack("!I", 4) + b"nope",
        b"F" + struct.pack("!I", 1) + b"5",
        b"F" + struct.pack("!I", 9) + b'["a", 17]',
    ],
)
def test_an_oversized_or_broken_header_fails(
    lines: tuple[socket.socket, Incoming], data: bytes
) -> None:
    web, incoming = lines
    client, far = socket.socketpair()

    socket.send_fds(web, [data], [client.fileno()])
    client.close()
    far.close()

    with pytest.raises(HandoverFailed):
        incoming.read()


def test_a_line_without_a_descriptor_fails(lines: tuple[socket.socket, Incoming]) -> None:
    web, incoming = lines

    web.send(b"F" + struct.pack("!I", 2) + b"{}")

    with pytest.raises(HandoverFailed, match="no descriptor"):
        incoming.read()


def test_a_descriptor_that_came_with_something_else_is_closed(
    lines: tuple[socket.socket, Incoming],
) -> None:
    web, incoming = lines
    client, far = socket.socketpair()
    socket.send_fds(web, [b"?"], [client.fileno()])
    client.close()

    with pytest.raises(HandoverFailed):
        incoming.read()

    assert far.recv(1) == b""
    far.close()


def test_a_peer_that_vanishes_before_the_end_fails(
    lines: tuple[socket.socket, Incoming], pipes: tuple[socket.socket, Incoming]
) -> None:
    client, far = socket.socketpair()
    socket.send_fds(lines[0], [b"F\x00"], [client.fileno()])
    pipes[0].send(b"\x00\x00")
    client.close()
    far.close()

    for web, incoming in (lines, pipes):
        web.close()
        with pytest.raises(HandoverFailed, match="closed"):
            incoming.read()


def test_a_descriptor_is_passed_once_the_engine_accepts(tmp_path: Path) -> None:
    client, far = socket.socketpair()
    with _listening(str(tmp_path / "s")) as listener:
        outcomes = at_once(
            lambda: handover.pass_descriptor(str(tmp_path / "s"), HEADER, client),
            lambda: _take(listener, secret=None, accepted=True),
        )
    client.close()
    taken, header = outcomes[1]
    taken.send(b"from the engine")

    assert outcomes[0] is None
    assert header == HEADER
    assert far.recv(100) == b"from the engine"
    for end in (taken, far):
        end.close()


def test_a_refusal_leaves_the_client_with_the_web_process(tmp_path: Path) -> None:
    client, far = socket.socketpair()
    with _listening(str(tmp_path / "s")) as listener:
        outcomes = at_once(
            lambda: handover.pass_descriptor(str(tmp_path / "s"), HEADER, client),
            lambda: _take(listener, secret=None, accepted=False),
        )
    client.send(b"sorry")

    assert isinstance(outcomes[0], HandoverFailed)
    assert far.recv(100) == b"sorry"
    for end in (client, far):
        end.close()


def test_an_engine_that_is_gone_fails_at_once(tmp_path: Path) -> None:
    client, far = socket.socketpair()

    with pytest.raises(HandoverFailed):
        handover.pass_descriptor(str(tmp_path / "nobody"), HEADER, client)
    with pytest.raises(HandoverFailed):
        handover.open_pipe(("127.0.0.2", 1), HEADER, SECRET)
    client.close()
    far.close()


def _connected(source: str, target: str) -> tuple[socket.socket, socket.socket]:
    with socket.create_server((target, 0)) as listener:
        near = socket.create_connection(listener.getsockname(), source_address=(source, 0))
        return near, listener.accept()[0]


def _listening(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    return listener


def _take(
    listener: socket.socket, *, secret: str | None, accepted: bool
) -> tuple[socket.socket | None, handover.Header]:
    incoming = Incoming(listener.accept()[0], secret=secret)
    while (header := incoming.read()) is None:
        os.sched_yield()
    incoming.answer(accepted)
    return incoming.socket, header
