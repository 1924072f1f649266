"""One client's socket as bytes: read without waiting, write without waiting, never grow."""

import errno
import logging
import socket
from collections import deque
from collections.abc import Iterator

from app import websocket
from app.websocket import Message

logger = logging.getLogger(__name__)

SEND_BUFFER = 32_768  # More would hide seconds of stale audio in the kernel.
READ_BUDGET = 1 << 18  # Bytes of one peer per tick, so that a flood delays nobody else.
MAX_TEXT_BYTES = 4 << 20  # Waiting for a slow reader, at which the peer is dropped.

_CHUNK = 1 << 16


class Peer:
    """A WebSocket's bytes. Text is never dropped; of audio only the latest `out_frames` wait."""

    def __init__(
        self,
        client: socket.socket,
        *,
        max_text: int,
        max_binary: int,
        out_frames: int,
        out_texts: int,
    ) -> None:
        client.setblocking(False)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if client.family != socket.AF_UNIX:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = client
        self.fd = client.fileno()
        self.recv_into = client.recv_into
        self.send = client.send
        self.blocked = False  # Something waits; a new frame must queue behind it.
        self.stalled: set[Peer] = set()  # The engine's; whoever is in it is flushed at each tick.
        self.gone = False
        self.closing = False
        self._shut = False
        self.dropped_frames = 0
        self.sent_frames = 0  # Those that went through the queue; the fast path counts by itself.
        self._decoder = websocket.Decoder(max_text=max_text, max_binary=max_binary)
        self._out_frames = out_frames
        self._out_texts = out_texts
        self._waiting: deque[tuple[bool, bytes]] = deque()  # (is audio, frame's bytes)
        self._frames = 0
        self._texts = 0
        self._text_bytes = 0
        self._partial = b""

    @property
    def pending(self) -> bool:
        """Whether the decoder holds a part, so that nobody else may take bytes off the stream."""
        return self._decoder.pending

    @property
    def overflowing(self) -> bool:
        """Whether more text waits than a reader may be behind."""
        return self._texts >= self._out_texts or self._text_bytes >= MAX_TEXT_BYTES

    @property
    def queued_frames(self) -> int:
        return self._frames

    def feed(self, data: bytes | memoryview) -> list[Message]:
        """Decode bytes that were read elsewhere."""
        return self._decoder.feed(data)

    def read(self) -> Iterator[Message]:
        """Read on, up to the tick's budget, and yield the messages."""
        budget = READ_BUDGET
        while budget > 0:
            try:
                chunk = self.socket.recv(_CHUNK)
            except BlockingIOError:
                return
            except OSError:
                chunk = b""
            if not chunk:
                self.gone = True
                return
            budget -= len(chunk)
            yield from self.feed(chunk)
            if len(chunk) < _CHUNK:
                return

    def send_text(self, text: bytes) -> None:
        """Send a JSON message, or queue it."""
        frame = websocket.encode_text(text)
        self._texts += 1
        self._text_bytes += len(frame)
        self._put(False, frame)

    def send_control(self, frame: bytes) -> None:
        """Send a ping, pong or close frame behind what waits."""
        self._texts += 1
        self._text_bytes += len(frame)
        self._put(False, frame)

    def send_frame(self, frame: bytes | memoryview) -> None:
        """Send audio; when the reader is slow the oldest waiting frame makes room."""
        self._frames += 1
        self._put(True, bytes(frame))
        if self._frames > self._out_frames:
            self._drop_oldest()

    def partly_sent(self, frame: memoryview, sent: int) -> None:
        """Take over a frame of which the kernel took only the first bytes, or none."""
        self.blocked = True
        self.stalled.add(self)
        if sent:
            self._partial = bytes(frame[sent:])
            self.sent_frames += 1
        else:
            self._frames += 1
            self._waiting.append((True, bytes(frame)))

    def flush(self) -> None:
        """Write what waits, as far as the kernel takes it."""
        while self._partial or self._waiting:
            if not self._partial:
                self._next()
            try:
                sent = self.send(self._partial)
            except BlockingIOError:
                break
            except OSError as error:
                self._lost(error)
                return
            self._partial = self._partial[sent:]
        self.blocked = bool(self._partial or self._waiting)
        (self.stalled.add if self.blocked else self.stalled.discard)(self)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye and stop sending; the socket stays until the peer has answered."""
        if self.closing or self.gone:
            return
        self.closing = True
        self.send_control(websocket.encode_close(code, reason))

    def farewell(self) -> bool:
        """Write what is left, then wait for the peer to end its side; True once it has.

        Closing with unread bytes would reset the connection, and the peer would lose our last
        words.
        """
        self.flush()
        if self.gone:
            return True
        try:
            if not self.blocked and not self._shut:
                self._shut = True
                self.socket.shutdown(socket.SHUT_WR)
            while chunk := self.socket.recv(_CHUNK):
                logger.debug("Bytes after the end", extra={"count": len(chunk)})
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def shut(self) -> None:
        """End the connection now."""
        self.gone = True
        self.stalled.discard(self)
        self.socket.close()

    def _put(self, audio: bool, frame: bytes) -> None:
        if self.gone:
            return
        self._waiting.append((audio, frame))
        if not self.blocked:
            self.flush()

    def _next(self) -> None:
        audio, self._partial = self._waiting.popleft()
        if audio:
            self._frames -= 1
            self.sent_frames += 1
        else:
            self._texts -= 1
            self._text_bytes -= len(self._partial)

    def _drop_oldest(self) -> None:
        for position, (audio, _frame) in enumerate(self._waiting):
            if audio:
                del self._waiting[position]
                self._frames -= 1
                self.dropped_frames += 1
                return

    def _lost(self, error: OSError) -> None:
        self.gone = True
        self.stalled.discard(self)
        if error.errno not in (errno.EPIPE, errno.ECONNRESET):
            logger.info("A socket failed", extra={"errno": error.errno})
