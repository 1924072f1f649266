"""The upgrade, one last message for an error, and the hand-over to a room."""

import socket
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Blueprint, Flask
from simple_websocket import ConnectionClosed

from app import websocket
from app.api import failures
from app.api.channel import Upgrade, channel
from app.errors import BridgeUnavailable, CallNotFound
from app.handover import HandoverFailed
from app.services import placement
from tests.api.upgrades import HANDSHAKE, Caller, live_at, taking_sockets
from tests.live.fakes import Client, Stage
from tests.waiting import until


@pytest.fixture
def stage(tmp_path: Path, app: Flask) -> Iterator[Stage]:
    found = Stage(tmp_path)
    found.settings = app.config["SETTINGS"]
    yield found
    found.close()


@pytest.fixture
def routed(app: Flask) -> Callable[..., Flask]:
    """Make a small app with one WebSocket route at /ws."""

    def make(view: Callable[[Upgrade], None], *, last_words: bool) -> Flask:
        small = Flask("small")
        small.config["SETTINGS"] = app.config["SETTINGS"]
        words = (lambda error: {"code": error.code}) if last_words else None
        bp = Blueprint("ws", __name__)
        channel(bp, "/ws", words)(view)
        small.register_blueprint(bp)
        small.register_error_handler(Exception, lambda error: (failures.normalise(error).code, 418))
        return small

    return make


def test_a_view_speaks_on_an_accepted_socket(routed: Any, caller: Caller) -> None:
    def view(ws: Upgrade) -> None:
        ws.say({"hello": "you"})
        ws.close(1000, "done")

    client = caller.open(routed(view, last_words=True).test_client(), "/ws")

    assert caller.head.startswith(b"HTTP/1.1 101")
    assert client.take() == [{"hello": "you"}, websocket.Close(1000, "done")]


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [(CallNotFound(), "call_not_found", 4404), (ZeroDivisionError(), "internal_error", 4500)],
)
def test_an_error_is_the_last_message_and_a_close_code(
    routed: Any, caller: Caller, error: Exception, code: str, status: int
) -> None:
    def view(_ws: Upgrade) -> None:
        raise error

    client = caller.open(routed(view, last_words=True).test_client(), "/ws")

    assert client.take() == [{"code": code}, websocket.Close(status, code)]
    assert caller.answer.status_code == HTTPStatus.OK  # Nobody sees it any more.


def test_without_last_words_an_early_error_is_plain_http(routed: Any, caller: Caller) -> None:
    def view(_ws: Upgrade) -> None:
        raise BridgeUnavailable

    client = caller.open(routed(view, last_words=False).test_client(), "/ws")

    assert (caller.answer.status_code, caller.answer.text) == (418, "bridge_unavailable")
    assert caller.head == b""
    assert client.take() == []


def test_without_last_words_a_late_error_is_only_a_close_code(routed: Any, caller: Caller) -> None:
    def view(ws: Upgrade) -> None:
        ws.accept()
        raise BridgeUnavailable

    client = caller.open(routed(view, last_words=False).test_client(), "/ws")

    assert client.take() == [websocket.Close(4503, "bridge_unavailable")]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Sec_WebSocket_Version": "8"}, "upgrade_required"),
        ({"Sec_WebSocket_Key": "short"}, "invalid_request"),
    ],
)
def test_what_is_no_valid_upgrade_is_answered_over_http(
    routed: Any, caller: Caller, headers: dict[str, str], code: str
) -> None:
    caller.open(routed(lambda ws: None, last_words=True).test_client(), "/ws", **headers)

    assert caller.answer.text == code
    assert caller.head == b""


def test_a_server_without_sockets_of_its_own_says_that_it_cannot(routed: Any) -> None:
    client = routed(lambda ws: None, last_words=True).test_client()

    assert client.get("/ws", headers=HANDSHAKE).text == "upgrade_required"


def test_a_client_that_has_left_ends_the_view_and_nothing_else(routed: Any, caller: Caller) -> None:
    reached = []

    def view(ws: Upgrade) -> None:
        ws._socket.shutdown(socket.SHUT_RDWR)
        ws.say({})
        reached.append("never")

    caller.open(routed(view, last_words=True).test_client(), "/ws")

    assert not reached
    assert caller.answer.status_code == HTTPStatus.OK


def test_a_socket_is_given_to_an_engine_of_this_host_as_a_descriptor(
    app: Flask, stage: Stage
) -> None:
    ws, client = _accepted(stage)

    with app.app_context(), taking_sockets(stage):
        ws.give(live_at(stage, app.config["SETTINGS"].host_name), stage.header())
    ws._socket.close()
    stage.welcome()
    client.say("ping")
    stage.tick()

    assert [message["type"] for message in client.words()] == ["hello", "call_state", "pong"]


def test_a_socket_is_carried_to_an_engine_on_another_network(app: Flask, tmp_path: Path) -> None:
    stage = Stage(tmp_path, live_pipe_host="127.0.0.2")
    ws, client = _accepted(stage, _tcp_pair())

    def give() -> None:
        with app.app_context():
            ws.give(live_at(stage, "another host"), stage.header())

    carrying = threading.Thread(target=give)
    carrying.start()
    with taking_sockets(stage):
        until(lambda: bool(stage.engine.waiting))
    stage.welcome()
    client.say("ping", ref="across")
    said = _collect(stage, client, 3)
    stage.state(11, "ended")
    said += _collect(stage, client, 2)
    client.vanish()
    while carrying.is_alive():
        stage.tick()
    ws._socket.close()
    stage.close()

    assert stage.engine.intake.pipe[0] == "127.0.0.2"
    assert [m["type"] for m in said[:4]] == ["hello", "call_state", "pong", "call_state"]
    assert said[4] == websocket.Close(1000, "call_ended")


def test_what_the_web_server_read_ahead_goes_along(app: Flask, stage: Stage) -> None:
    ping = websocket.encode_text('{"type": "ping", "ts": 7}', mask=True)
    unreader = SimpleNamespace(take_buffered=lambda: ping[:9])
    ws, client = _accepted(stage, reader=SimpleNamespace(unreader=unreader))
    client.send(ping[9:])

    with app.app_context(), taking_sockets(stage):
        ws.give(live_at(stage, app.config["SETTINGS"].host_name), stage.header())
    ws._socket.close()
    stage.welcome()
    stage.tick()

    assert client.words("pong") == [{"type": "pong", "ts": 7}]


def test_an_engine_that_is_gone_leaves_the_socket_here(app: Flask, stage: Stage) -> None:
    ws, client = _accepted(stage)
    gone = placement.Live("gone", app.config["SETTINGS"].host_name, "/nowhere", ("127.0.0.1", 1))

    with app.app_context(), pytest.raises(HandoverFailed):
        ws.give(gone, stage.header())
    ws.say({"type": "sorry"})

    assert client.words() == [{"type": "sorry"}]
    ws._socket.close()


def test_closing_without_a_code_does_nothing(stage: Stage) -> None:
    ws, client = _accepted(stage)

    ws.close()

    assert client.take() == []
    client.vanish()
    with pytest.raises(ConnectionClosed):
        ws.say({})
    ws._socket.close()


def _accepted(
    stage: Stage, ends: tuple[socket.socket, socket.socket] | None = None, reader: Any = None
) -> tuple[Upgrade, Client]:
    """Answer a client's request; returns what the view gets, and the client past the answer."""
    far, near = ends or socket.socketpair()
    environ = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in HANDSHAKE.items()}
    environ |= {"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "here"}
    environ |= {"gunicorn.socket": near, "wsgi.input": SimpleNamespace(reader=reader)}
    ws = Upgrade(environ)
    ws.accept()
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += far.recv(1)
    return ws, stage.client(far)


def _tcp_pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return socket.create_connection(listener.getsockname()), listener.accept()[0]


def _collect(stage: Stage, client: Client, count: int) -> list[Any]:
    found: list[Any] = []

    def enough() -> bool:
        stage.tick()
        found.extend(client.take())
        return len(found) >= count

    until(enough)
    return found
