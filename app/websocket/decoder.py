"""Turns the bytes of one WebSocket connection, split anywhere, into messages (RFC 6455)."""

import codecs

from app.websocket.frames import (
    FINAL,
    MASKED,
    MAX_CONTROL,
    NO_CODE,
    WIRE_CODES,
    Binary,
    Close,
    Failed,
    Message,
    Opcode,
    Ping,
    Pong,
    Text,
)
from app.websocket.masking import Buffer, apply_mask

# Plain integers: comparing with an enum member costs several times as much per frame.
CONTINUATION, TEXT, BINARY = (int(kind) for kind in list(Opcode)[:3])
CLOSE, PING, PONG = (int(kind) for kind in list(Opcode)[3:])
RESERVED_BITS = 0x70
OPCODES = frozenset(map(int, Opcode))


class Decoder:
    """Reads one peer's frames. `server` says which side we are: only clients mask.

    Limits are bytes of one message. A message over its limit fails as soon as a frame declares
    the length, and text that is not UTF-8 fails at the first wrong byte, so never more than one
    message within its limit and one control frame is held.

    `pending` is true while the decoder holds a part of a frame or message, and for ever after the
    end. Only while it is false may a caller take whole frames off the stream by itself.
    `ended` is true once a `Close` or `Failed` was returned; later bytes are ignored.
    """

    def __init__(self, *, max_text: int, max_binary: int, server: bool = True):
        self.pending = False
        self.ended = False
        self._limits = {TEXT: max_text, BINARY: max_binary}
        self._mask_bit = MASKED if server else 0
        self._held = b""  # The head of a data frame, or a part of a control frame.
        self._opcode = 0  # Of the message whose fragments are coming in; 0 when there is none.
        self._body = bytearray()  # What has come of that message, unmasked.
        self._final = False  # Whether the frame being read is the message's last.
        self._missing = 0  # Bytes of that frame's payload still to come.
        self._key = b""  # Its mask, turned so that it fits the next byte.
        self._utf8 = codecs.getincrementaldecoder("utf-8")()

    def feed(self, data: Buffer) -> list[Message]:
        """Take bytes as they were received and return the messages they complete, in order.

        A broken stream raises nothing: the messages before the fault are returned, and a `Failed`
        is the last of them. The bytes given may be overwritten afterwards.
        """
        messages: list[Message] = []
        if self.ended:
            return messages
        if self._held:
            data = self._held + data
            self._held = b""
        at, end = 0, len(data)
        try:
            while at < end and not self.ended:
                read = self._read_payload if self._missing else self._read_frame
                at = read(data, at, messages)
        except _Violation as violation:
            self.ended = True
            messages.append(Failed(violation.code, violation.reason))
        if self.ended:
            self._body.clear()
        self.pending = self.ended or self._opcode != 0 or self._held != b""
        return messages

    def _read_frame(self, data: Buffer, start: int, messages: list[Message]) -> int:
        """Read the frame that begins at `start` as far as it is there; return where it stopped."""
        head = self._read_head(data, start)
        if head is None:
            return self._hold(data, start)
        first, size, key, body = head
        opcode = first & 0x0F
        stop = body + size
        whole = stop <= len(data)

        if opcode >= CLOSE:
            if not whole:
                return self._hold(data, start)
            self._control(opcode, _unmask(data[body:stop], key), messages)
            return stop
        if whole and opcode and first & FINAL:
            messages.append(_message(opcode, _unmask(data[body:stop], key)))
            return stop
        self._opcode = opcode or self._opcode
        self._final = first >= FINAL
        self._missing = size
        self._key = key
        return self._read_payload(data, body, messages)

    def _read_head(self, data: Buffer, start: int) -> tuple[int, int, bytes, int] | None:
        """Return a frame's first byte, payload size, mask and the place where its payload begins.

        Every check is made as soon as its bytes are there; `None` asks for more of them.
        """
        at = start + 2
        if len(data) < at:
            return None
        first, second = data[start], data[start + 1]
        self._check_head(first, second)
        size = second & 0x7F
        if size > 125:
            at += 2 if size == 126 else 8
            if len(data) < at:
                return None
            size = _long_size(data[start + 2 : at])
        opcode = first & 0x0F
        if opcode < CLOSE:
            self._check_size(opcode or self._opcode, size)
        body = at + 4 if self._mask_bit else at
        if len(data) < body:
            return None
        return first, size, bytes(data[at:body]), body

    def _hold(self, data: Buffer, start: int) -> int:
        self._held = bytes(data[start:])
        return len(data)

    def _check_head(self, first: int, second: int) -> None:
        """Check the two bytes every frame begins with (sections 5.1, 5.2, 5.4 and 5.5)."""
        opcode = first & 0x0F
        if first & RESERVED_BITS:
            raise _Violation(1002, "A reserved bit is set.")
        if opcode not in OPCODES:
            raise _Violation(1002, "The opcode is reserved.")
        if second & MASKED != self._mask_bit:
            raise _Violation(1002, "Frames of a client are masked, those of a server are not.")
        if opcode >= CLOSE:
            if first < FINAL or second & 0x7F > MAX_CONTROL:
                raise _Violation(1002, "A control frame is fragmented or over 125 bytes.")
        elif (opcode == CONTINUATION) != (self._opcode != 0):
            raise _Violation(1002, "Fragments of a message are out of order.")

    def _check_size(self, opcode: int, size: int) -> None:
        limit = self._limits[opcode]
        if len(self._body) + size > limit:
            raise _Violation(1009, f"A message holds more than {limit} bytes.")

    def _read_payload(self, data: Buffer, start: int, messages: list[Message]) -> int:
        """Take what is there of a data frame that is split or a fragment."""
        stop = min(start + self._missing, len(data))
        taken = stop - start
        part = _unmask(data[start:stop], self._key)
        turn = taken & 3
        self._key = self._key[turn:] + self._key[:turn]
        self._missing -= taken
        self._body += part

        complete = self._final and not self._missing
        if self._opcode == TEXT:
            self._check_text(part, complete)
        if complete:
            messages.append(_message(self._opcode, bytes(self._body)))
            self._body = bytearray()
            self._opcode = 0
        return stop

    def _check_text(self, part: bytes, complete: bool) -> None:
        """Check the text received so far, of which `part` is the end (section 8.1)."""
        # Python's decoder waits for the third byte of a surrogate; its second is already wrong.
        wrong = self._body[-2:-1] == b"\xed" and self._body[-1] >= 0xA0
        try:
            self._utf8.decode(part, complete)
        except UnicodeDecodeError:
            wrong = True
        if wrong:
            raise _Violation(1007, "Text is not UTF-8.")

    def _control(self, opcode: int, payload: bytes, messages: list[Message]) -> None:
        if opcode == CLOSE:
            messages.append(_close(payload))
            self.ended = True
        else:
            messages.append(Ping(payload) if opcode == PING else Pong(payload))


class _Violation(Exception):
    def __init__(self, code: int, reason: str):
        super().__init__(reason)
        self.code = code
        self.reason = reason


def _unmask(data: Buffer, key: bytes) -> bytes:
    return apply_mask(data, key) if key else bytes(data)


def _long_size(field: Buffer) -> int:
    """Read an extended length of 2 or 8 bytes; the shorter form must be used where it fits."""
    size = int.from_bytes(field, "big")
    if size >= 1 << 63:
        raise _Violation(1002, "The highest bit of a length is set.")
    if size < (126 if len(field) == 2 else 65536):
        raise _Violation(1002, "A length is written longer than needed.")
    return size


def _message(opcode: int, payload: bytes) -> Message:
    if opcode == BINARY:
        return Binary(payload)
    try:
        return Text(payload.decode())
    except UnicodeDecodeError:
        raise _Violation(1007, "Text is not UTF-8.") from None


def _close(payload: bytes) -> Close:
    """Read the payload of a close frame (sections 5.5.1 and 7.4)."""
    if not payload:
        return Close(NO_CODE, "")
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or code not in WIRE_CODES:
        raise _Violation(1002, "The close code is not valid.")
    try:
        return Close(code, payload[2:].decode())
    except UnicodeDecodeError:
        raise _Violation(1007, "The close reason is not UTF-8.") from None
