"""Both ends of the socket hand-over: a descriptor on this host, a byte pipe to another.

The web process has answered the upgrade; from then on the engine that owns the room speaks on the
socket. A header goes ahead of it: a JSON object with what the engine must know. On one host the
header and the descriptor travel over the engine's Unix socket. To another host the same header,
signed, opens a TCP connection, and the web process copies bytes both ways: the engine treats that
connection as the client's own socket.
"""

import array
import json
import logging
import socket
import struct
import threading
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

logger = logging.getLogger(__name__)

Header = dict[str, Any]

_LENGTH = struct.Struct("!I")
_MAX_HEADER = 1 << 20
_PATIENCE = 5.0  # Seconds for the engine to answer; it does so within a tick.
_SEAL_SECONDS = 60
_CHUNK = 1 << 16


class HandoverFailed(Exception):
    """The engine is gone, does not answer, or refuses."""


def pass_descriptor(path: str, header: Header, client: socket.socket) -> None:
    """Give a socket to the engine that listens at a Unix path; ours may then be closed.

    Raises HandoverFailed.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_PATIENCE)
        try:
            line.connect(path)
            # The descriptor rides on the first byte; the header follows with its length.
            socket.send_fds(line, [b"F"], [client.fileno()])
            _send(line, json.dumps(header).encode())
            _await_answer(line)
        except OSError as error:
            raise HandoverFailed(type(error).__name__) from None


def open_pipe(address: tuple[str, int], header: Header, secret: str) -> socket.socket:
    """Connect to an engine on another host; the result stands for the client's socket.

    Raises HandoverFailed.
    """
    try:
        pipe = socket.create_connection(address, timeout=_PATIENCE)
    except OSError as error:
        raise HandoverFailed(type(error).__name__) from None
    try:
        pipe.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _send(pipe, _seal(secret).dumps(header).encode())
        _await_answer(pipe)
        pipe.settimeout(None)
    except (OSError, HandoverFailed) as error:
        pipe.close()
        raise HandoverFailed(type(error).__name__) from None
    return pipe


def copy_both_ways(client: socket.socket, pipe: socket.socket) -> None:
    """Carry bytes between a client and an engine's pipe until both sides have ended.

    What one side said before it ended still reaches the other: a client that goes on sending
    until it has read our goodbye would lose it if the connection were cut at once.
    """
    client_ended = threading.Event()

    def bring_back() -> None:
        _copy(pipe, client)
        if not client_ended.wait(_PATIENCE):
            _shut(client, socket.SHUT_RDWR)

    back = threading.Thread(target=bring_back, daemon=True)
    back.start()
    _copy(client, pipe)
    client_ended.set()
    back.join()
    pipe.close()


class Incoming:
    """The engine's end of one hand-over, read without waiting.

    `read` returns the header once it is whole. Then `socket` is the client's, or the pipe that
    stands for it, and `answer` tells the web process. Raises HandoverFailed for a peer that goes
    away or sends something else.
    """

    def __init__(self, line: socket.socket, *, secret: str | None) -> None:
        """With a secret the line is a pipe whose header is signed; without, a Unix socket."""
        line.setblocking(False)
        self.line = line
        self.socket: socket.socket | None = line if secret else None
        self._secret = secret
        self._received = b""

    def read(self) -> Header | None:
        try:
            if self.socket is None:
                self._receive_descriptor()
            # One byte too many would belong to the client's own stream.
            while (missing := self._missing()) > 0:
                chunk = self.line.recv(missing)
                if not chunk:
                    raise HandoverFailed("closed")
                self._received += chunk
        except BlockingIOError:
            return None
        except OSError as error:
            raise HandoverFailed(type(error).__name__) from None
        return self._parse(self._received[_LENGTH.size :])

    def answer(self, accepted: bool) -> None:
        """Tell the web process whether the socket is ours now; a Unix line is then done with."""
        try:
            self.line.send(b"\x01" if accepted else b"\x00")
        except OSError:
            # The web process died after handing over; its client is ours all the same.
            logger.info("Nobody waits for the answer to a hand-over")
        if self._secret is None:
            self.line.close()
        if not accepted and self.socket is not None:
            self.socket.close()

    def close(self) -> None:
        self.line.close()
        if self.socket is not None:
            self.socket.close()

    def _receive_descriptor(self) -> None:
        data, ancillary, _flags, _address = self.line.recvmsg(1, socket.CMSG_SPACE(4))
        found = array.array("i")
        for level, kind, payload in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                found.frombytes(payload[: len(payload) - len(payload) % found.itemsize])
        passed = [socket.socket(fileno=fd) for fd in found]
        if data != b"F" or len(passed) != 1:
            for stray in passed:
                stray.close()
            raise HandoverFailed("no descriptor")
        self.socket = passed[0]

    def _missing(self) -> int:
        if len(self._received) < _LENGTH.size:
            return _LENGTH.size - len(self._received)
        (length,) = _LENGTH.unpack_from(self._received)
        if length > _MAX_HEADER:
            raise HandoverFailed("header too long")
        return _LENGTH.size + int(length) - len(self._received)

    def _parse(self, body: bytes) -> Header:
        try:
            if self._secret is None:
                return dict(json.loads(body))
            return dict(_seal(self._secret).loads(body.decode(), max_age=_SEAL_SECONDS))
        except (TypeError, ValueError, BadSignature):
            raise HandoverFailed("bad header") from None


def _seal(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="hand-over")


def _send(line: socket.socket, body: bytes) -> None:
    line.sendall(_LENGTH.pack(len(body)) + body)


def _await_answer(line: socket.socket) -> None:
    if line.recv(1) != b"\x01":
        raise HandoverFailed("refused")


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    except OSError:
        logger.debug("A piped socket broke")
    _shut(target, socket.SHUT_WR)


def _shut(end: socket.socket, side: int) -> None:
    try:
        end.shutdown(side)
    except OSError:
        logger.debug("A piped socket was closed already")
