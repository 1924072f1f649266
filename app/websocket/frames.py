"""WebSocket messages as values, and the frames that carry them (RFC 6455 sections 5 and 7)."""

import os
from dataclasses import dataclass
from enum import IntEnum

from app.websocket.masking import Buffer, apply_mask

FINAL = 0x80
MASKED = 0x80
MAX_CONTROL = 125  # Bytes in the payload of a control frame, section 5.5.
MAX_REASON = MAX_CONTROL - 2
NO_CODE = 1005  # Stands for a close frame without a code; never on the wire, section 7.4.1.

# Sections 7.4.1 and 7.4.2 with the later entries of IANA's registry (1012 to 1014); 1004 to 1006
# and 1015 are reserved for use inside an endpoint.
WIRE_CODES = frozenset([*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)])


class Opcode(IntEnum):
    """What a frame carries, section 5.2."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


@dataclass(frozen=True, slots=True)
class Text:
    """A whole text message."""

    text: str


@dataclass(frozen=True, slots=True)
class Binary:
    """A whole binary message."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for a pong with the same payload, at most 125 bytes."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """Answers a ping, or comes unasked as a sign of life."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """The peer's last frame; `code` is `NO_CODE` when it gave none."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The peer broke the protocol: send `encode_close(code, reason)` and drop the connection.

    The code is 1002 (framing), 1007 (text that is not UTF-8) or 1009 (over a limit).
    """

    code: int
    reason: str


Message = Text | Binary | Ping | Pong | Close | Failed


def encode(
    opcode: int,
    payload: Buffer,
    *,
    final: bool = True,
    mask: bool = False,
) -> bytes:
    """Build one frame; a client's must be masked, a server's must not (section 5.1)."""
    size = memoryview(payload).nbytes
    if opcode >= Opcode.CLOSE and size > MAX_CONTROL:
        raise ValueError("The payload of a control frame holds at most 125 bytes.")
    header = _header(opcode | FINAL if final else opcode, size, MASKED if mask else 0)
    if not mask:
        return header + payload
    key = os.urandom(4)
    return header + key + apply_mask(payload, key)


def encode_text(text: str | bytes, *, mask: bool = False) -> bytes:
    """Build a text frame; bytes must already be UTF-8."""
    return encode(Opcode.TEXT, text.encode() if isinstance(text, str) else text, mask=mask)


def encode_binary(payload: Buffer, *, mask: bool = False) -> bytes:
    """Build a binary frame."""
    return encode(Opcode.BINARY, payload, mask=mask)


def encode_ping(payload: bytes = b"", *, mask: bool = False) -> bytes:
    """Build a ping. Raises `ValueError` over 125 bytes."""
    return encode(Opcode.PING, payload, mask=mask)


def encode_pong(payload: bytes = b"", *, mask: bool = False) -> bytes:
    """Build the answer to a ping. Raises `ValueError` over 125 bytes."""
    return encode(Opcode.PONG, payload, mask=mask)


def encode_close(code: int = NO_CODE, reason: str = "", *, mask: bool = False) -> bytes:
    """Build a close frame, its reason cut to 123 bytes between two characters.

    `NO_CODE` gives an empty frame and drops the reason. Raises `ValueError` for a code that
    must not be sent (section 7.4).
    """
    if code == NO_CODE:
        return encode(Opcode.CLOSE, b"", mask=mask)
    if code not in WIRE_CODES:
        raise ValueError(f"{code} is no close code that may be sent.")
    cut = reason.encode()[:MAX_REASON].decode(errors="ignore").encode()
    return encode(Opcode.CLOSE, code.to_bytes(2, "big") + cut, mask=mask)


def answer_close(close: Close, *, mask: bool = False) -> bytes:
    """Build the answer to a peer's close frame: its own code again (section 5.5.1)."""
    return encode_close(close.code, mask=mask)


def binary_header(size: int) -> bytes:
    """Return the bytes that precede a whole, unmasked binary message of `size` bytes.

    >>> binary_header(1920).hex()
    '827e0780'
    """
    return _header(Opcode.BINARY | FINAL, size, 0)


def _header(first: int, size: int, masked: int) -> bytes:
    if size < 126:
        return bytes((first, masked | size))
    if size < 65536:
        return bytes((first, masked | 126)) + size.to_bytes(2, "big")
    return bytes((first, masked | 127)) + size.to_bytes(8, "big")
