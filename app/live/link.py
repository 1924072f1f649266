"""The line between an engine and its registrar: JSON messages over one socket pair."""

import json
import socket
import struct
from collections.abc import Iterator
from typing import Any

_LENGTH = struct.Struct("!I")
_CHUNK = 1 << 18


class LinkLost(Exception):
    """The other process is gone."""


class Link:
    """One end. Messages are dicts, each sent as four bytes of length and JSON in UTF-8.

    Nothing here waits unless `blocking` says so: what cannot be written at once is kept and goes
    with the next `flush`.
    """

    def __init__(self, end: socket.socket, *, blocking: bool) -> None:
        self._socket = end
        self._socket.setblocking(blocking)
        self._blocking = blocking
        self._received = bytearray()
        self._unsent = bytearray()

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def waiting(self) -> int:
        """Bytes that the other end has not taken yet."""
        return len(self._unsent)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message, or keep it for `flush`. Raises LinkLost."""
        body = json.dumps(message, separators=(",", ":")).encode()
        self._unsent += _LENGTH.pack(len(body)) + body
        self.flush()

    def flush(self) -> None:
        """Write what is kept. Raises LinkLost."""
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent)
                del self._unsent[:sent]
        except BlockingIOError:
            return
        except OSError:
            raise LinkLost from None

    def receive(self) -> Iterator[dict[str, Any]]:
        """Yield the messages that have come; a blocking link waits for at least one read.

        Raises LinkLost.
        """
        try:
            chunk = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            raise LinkLost from None
        if not chunk:
            raise LinkLost
        self._received += chunk
        at = 0
        while len(self._received) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._received, at)
            end = at + _LENGTH.size + length
            if len(self._received) < end:
                break
            yield json.loads(self._received[at + _LENGTH.size : end])
            at = end
        del self._received[:at]

    def close(self) -> None:
        self._socket.close()
