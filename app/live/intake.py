"""Where an engine takes sockets over: a Unix socket for this host, a TCP pipe for others."""

import logging
import os
import select
import socket
import time
from collections.abc import Callable
from pathlib import Path

from app.handover import HandoverFailed, Header, Incoming

logger = logging.getLogger(__name__)

PATIENCE = 5.0  # Seconds for a header to arrive.

Take = Callable[[Header, socket.socket], bool]


class Intake:
    """Listens, reads headers without waiting, and gives each whole one to `take`."""

    def __init__(self, path: str, pipe: tuple[str, int], secret: str, take: Take) -> None:
        self._secret = secret
        self._take = take
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if os.path.exists(path):
            os.unlink(path)
        self._unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._unix.bind(path)
        os.chmod(path, 0o600)
        self._tcp = socket.create_server(pipe)
        self.path = path
        self.pipe: tuple[str, int] = self._tcp.getsockname()[:2]
        self._waiting: dict[int, Incoming] = {}
        self._deadlines: dict[int, float] = {}
        for listener in (self._unix, self._tcp):
            listener.listen(512)
            listener.setblocking(False)

    def watch(self, epoll: select.epoll) -> None:
        self._epoll = epoll
        epoll.register(self._unix.fileno(), select.EPOLLIN)
        epoll.register(self._tcp.fileno(), select.EPOLLIN)

    def owns(self, fd: int) -> bool:
        return fd in self._waiting or fd in (self._unix.fileno(), self._tcp.fileno())

    def serve(self, fd: int) -> None:
        """Go on with what is ready at a descriptor."""
        if fd in self._waiting:
            self._read(self._waiting[fd])
        elif fd == self._unix.fileno():
            self._accept(self._unix, None)
        else:
            self._accept(self._tcp, self._secret)

    def tidy(self, at: float) -> None:
        """Drop the lines whose header does not come."""
        for fd in [fd for fd, deadline in self._deadlines.items() if at > deadline]:
            incoming = self._waiting[fd]
            self._forget(fd)
            incoming.close()

    def close(self) -> None:
        """Take no more sockets."""
        for incoming in self._waiting.values():
            incoming.close()
        self._unix.close()
        self._tcp.close()
        if os.path.exists(self.path):
            os.unlink(self.path)

    def _accept(self, listener: socket.socket, secret: str | None) -> None:
        while True:
            try:
                line, _address = listener.accept()
            except OSError:
                return  # Nobody is waiting any more, or the caller has left again.
            incoming = Incoming(line, secret=secret)
            self._waiting[line.fileno()] = incoming
            self._deadlines[line.fileno()] = time.monotonic() + PATIENCE
            self._epoll.register(line.fileno(), select.EPOLLIN)
            self._read(incoming)

    def _read(self, incoming: Incoming) -> None:
        fd = incoming.line.fileno()
        try:
            header = incoming.read()
        except HandoverFailed as error:
            logger.warning("A hand-over failed", extra={"reason": str(error)})
            self._forget(fd)
            incoming.close()
            return
        if header is None:
            return
        self._forget(fd)
        client = incoming.socket
        assert client is not None  # A whole header comes after the descriptor.
        try:
            taken = self._take(header, client)
        except (KeyError, OSError) as error:
            # A web process of another version, or a client that is gone already.
            logger.warning("A socket was not taken", extra={"reason": type(error).__name__})
            taken = False
        incoming.answer(taken)

    def _forget(self, fd: int) -> None:
        del self._waiting[fd], self._deadlines[fd]
        self._epoll.unregister(fd)
