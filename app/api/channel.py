"""WebSocket routes: the upgrade, one last message for an error, and the hand-over to a room."""

import base64
import json
import socket
import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import flask_sock
from flask import Blueprint
from simple_websocket import ConnectionClosed

from app import handover, websocket
from app.api.failures import normalise
from app.config import settings
from app.errors import GatewayError, InvalidRequest, ShuttingDown, UpgradeRequired
from app.extensions import db, sock
from app.models import Room
from app.services import placement

LastWords = Callable[[GatewayError], dict[str, Any]]

_SEND_PATIENCE = 10.0  # Seconds a client may take to read what we send from here.


class Upgrade:
    """A client's request for a WebSocket, on which nothing has been answered yet.

    Until `accept` the view may raise any error: it becomes an ordinary HTTP answer. flask-sock
    makes one of these per request in place of its own server, whose send loses bytes when the
    client reads slowly.
    """

    def __init__(self, environ: Mapping[str, Any], **_options: Any) -> None:
        self.environ = environ
        self.accepted = False
        self.mode = "gunicorn"
        # The web server's own socket, under either of the servers that offer it.
        self._socket: socket.socket | None = environ.get("gunicorn.socket")
        if self._socket is None:
            self._socket, self.mode = environ.get("werkzeug.socket"), "werkzeug"

    def accept(
        self, subprotocol: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer 101. Raises UpgradeRequired or InvalidRequest for what is no valid upgrade."""
        try:
            answer = websocket.accept(self.environ, subprotocol, tuple((headers or {}).items()))
        except websocket.Refused as error:
            if error.status == 426:
                raise UpgradeRequired from None
            raise InvalidRequest(str(error)) from None
        if self._socket is None:
            raise UpgradeRequired("This server cannot open WebSockets.")
        self.accepted = True
        self._write(answer)

    def say(self, message: Mapping[str, Any]) -> None:
        """Send a JSON message."""
        self._write(websocket.encode_text(json.dumps(message)))

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Close an accepted socket. Without a code nothing happens: flask-sock says so at the end
        of every view, also when the socket is somebody else's by then."""
        if code is not None and self.accepted:
            self._write(websocket.encode_close(code, reason))

    def give(self, live: placement.Live, header: handover.Header) -> None:
        """Hand the socket to an engine; on another host, carry its bytes until it ends.

        Raises HandoverFailed.
        """
        assert self._socket is not None  # Accepted sockets have one.
        header = {**header, "unread": base64.b64encode(self._unread()).decode()}
        if live.host == settings().host_name:
            handover.pass_descriptor(live.socket, header, self._socket)
            return
        pipe = handover.open_pipe(live.pipe, header, settings().secret_key)
        self._socket.settimeout(None)
        handover.copy_both_ways(self._socket, pipe)

    def _write(self, data: bytes) -> None:
        if self._socket is None:
            return
        self._socket.settimeout(_SEND_PATIENCE)
        try:
            self._socket.sendall(data)
        except OSError:
            raise ConnectionClosed(1006) from None

    def _unread(self) -> bytes:
        """What the client sent right behind its request and the web server has read already."""
        reader = getattr(self.environ.get("wsgi.input"), "reader", None)
        unreader = getattr(reader, "unreader", None)
        if unreader is None or not hasattr(unreader, "take_buffered"):
            return b""
        return bytes(unreader.take_buffered())


flask_sock.Server = Upgrade  # A global of its module, and the only way to replace it.


def channel(
    bp: Blueprint, path: str, last_words: LastWords | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Route a WebSocket.

    With `last_words` the view's errors come after the upgrade: one message and close code 4000 +
    status. Without, errors before `accept` are plain HTTP. Once a socket is open nothing may
    escape to Flask's error handlers: they would write an HTTP response into it.
    """

    def decorate(view: Callable[..., None]) -> Callable[..., None]:
        @wraps(view)
        def guarded(ws: Upgrade, **path_args: str) -> None:
            try:
                if last_words is not None:
                    ws.accept()
                view(ws, **path_args)
            except ConnectionClosed:
                raise  # The client left; flask-sock expects this one.
            except Exception as error:
                if not ws.accepted:
                    raise
                _end(ws, error, last_words)

        sock.route(path, bp=bp)(guarded)
        return guarded

    return decorate


def _end(ws: Upgrade, error: Exception, last_words: LastWords | None) -> None:
    known = normalise(error)  # Which logs what is our fault.
    if last_words is not None:
        ws.say(last_words(known))
    ws.close(4000 + known.status, known.code)


def hand_over(
    ws: Upgrade,
    room: Room,
    *,
    dialect: str,
    participant_id: uuid.UUID,
    options: Mapping[str, Any],
    subprotocol: str | None = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> None:
    """Give a client's socket to the live process that runs a room.

    `options` are for the dialect's `Wire`; `more` goes into the header: call_id, key_id,
    may_write, last_seq. A socket that was not accepted yet is so with the subprotocol and headers
    given. Raises BridgeUnavailable, Capacity, ShuttingDown.
    """
    live = placement.claim(room)
    header = {
        "dialect": dialect,
        "stream_id": uuid.uuid4().hex,
        "room_id": str(room.id),
        "participant_id": str(participant_id),
        **more,
    }
    header["options"] = {**options, "stream_id": header["stream_id"]}
    db.session.close()  # A piped socket may last for hours; a pooled connection must not.
    if not ws.accepted:
        ws.accept(subprotocol, headers)
    try:
        ws.give(live, header)
    except handover.HandoverFailed:
        raise ShuttingDown(retry_after=2) from None
