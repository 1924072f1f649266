"""The hand-over to another host: a sealed header, then bytes both ways."""

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from app import handover
from app.handover import HandoverFailed, Incoming
from tests.fakes import at_once

SECRET = "between web and live"
HEADER = {"room_id": "r", "options": {"é": [1, None]}}


@pytest.fixture
def pipes() -> Iterator[tuple[socket.socket, Incoming]]:
    """The web process's end of a pipe between two addresses, and the engine's."""
    web, line = _connected("127.0.0.2", "127.0.0.3")
    incoming = Incoming(line, secret=SECRET)
    yield web, incoming
    web.close()
    incoming.close()


@pytest.fixture
def carried() -> Iterator[Callable[[], tuple]]:
    """A client and an engine with a web process between them that copies bytes."""
    rest: list[socket.socket] = []

    def make() -> tuple[socket.socket, socket.socket, threading.Thread]:
        client, near = _connected("127.0.0.1", "127.0.0.1")
        pipe, engine = _connected("127.0.0.2", "127.0.0.3")
        rest.append(near)
        thread = threading.Thread(target=handover.copy_both_ways, args=(near, pipe))
        thread.start()
        return client, engine, thread

    yield make
    for near in rest:
        near.close()


def test_a_header_over_the_network_must_be_sealed_with_the_secret(
    pipes: tuple[socket.socket, Incoming],
) -> None:
    web, incoming = pipes

    handover._send(web, handover._seal("another secret").dumps(HEADER).encode())

    with pytest.raises(HandoverFailed, match="bad header"):
        incoming.read()


def test_a_stale_header_is_refused(
    pipes: tuple[socket.socket, Incoming], monkeypatch: pytest.MonkeyPatch
) -> None:
    web, incoming = pipes
    handover._send(web, handover._seal(SECRET).dumps(HEADER).encode())

    monkeypatch.setattr(handover, "_SEAL_SECONDS", -1)

    with pytest.raises(HandoverFailed, match="bad header"):
        incoming.read()


def test_an_oversized_header_over_the_network_is_refused_unread(
    pipes: tuple[socket.socket, Incoming],
) -> None:
    web, incoming = pipes

    web.send(struct.pack("!I", (1 << 20) + 1))

    with pytest.raises(HandoverFailed, match="too long"):
        incoming.read()


def test_what_the_client_says_right_behind_the_header_stays_in_the_pipe(
    pipes: tuple[socket.socket, Incoming],
) -> None:
    web, incoming = pipes

    handover._send(web, handover._seal(SECRET).dumps(HEADER).encode())
    web.send(b"client")

    assert incoming.read() == HEADER
    assert incoming.socket is incoming.line
    assert incoming.socket.recv(10) == b"client"


def test_a_pipe_that_is_refused_is_closed() -> None:
    with socket.create_server(("127.0.0.2", 0)) as listener:
        outcomes = at_once(
            lambda: handover.open_pipe(listener.getsockname(), HEADER, SECRET),
            lambda: _take(listener, secret=SECRET, accepted=False),
        )

    assert isinstance(outcomes[0], HandoverFailed)


def test_bytes_go_both_ways_between_two_networks(carried: Callable[[], tuple]) -> None:
    client, engine, thread = carried()

    client.send(b"ping")
    heard = engine.recv(100)
    engine.send(b"pong")

    assert (heard, client.recv(100)) == (b"ping", b"pong")
    client.close()
    assert engine.recv(1) == b""
    engine.close()
    thread.join(5)
    assert not thread.is_alive()


def test_the_engines_last_words_reach_a_client_that_goes_on_talking(
    carried: Callable[[], tuple],
) -> None:
    client, engine, thread = carried()

    engine.sendall(b"goodbye")
    engine.shutdown(socket.SHUT_WR)
    for _ in range(50):
        client.send(bytes(2000))
    while engine.recv(1 << 16) and not _readable(client):
        pass
    said = client.recv(100)

    assert said == b"goodbye"
    assert client.recv(1) == b""
    client.close()
    engine.close()
    thread.join(5)


def test_a_client_that_never_ends_is_ended_after_a_while(
    carried: Callable[[], tuple], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "_PATIENCE", 0.05)
    client, engine, thread = carried()

    engine.close()
    thread.join(5)

    assert not thread.is_alive()
    client.close()


def _connected(source: str, target: str) -> tuple[socket.socket, socket.socket]:
    with socket.create_server((target, 0)) as listener:
        near = socket.create_connection(listener.getsockname(), source_address=(source, 0))
        return near, listener.accept()[0]


def _take(
    listener: socket.socket, *, secret: str | None, accepted: bool
) -> tuple[socket.socket | None, handover.Header]:
    incoming = Incoming(listener.accept()[0], secret=secret)
    while (header := incoming.read()) is None:
        os.sched_yield()
    incoming.answer(accepted)
    return incoming.socket, header


def _readable(client: socket.socket) -> bool:
    try:
        return bool(client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return False
