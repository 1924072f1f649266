"""The server's half of the opening handshake, from a WSGI environ (RFC 6455 section 4.2)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

VERSION = "13"
KEY_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # The GUID of section 1.3.
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class Refused(Exception):
    """The request is no valid upgrade; answer `status` with `headers` over plain HTTP."""

    def __init__(self, reason: str, status: int = 400, headers: dict[str, str] | None = None):
        super().__init__(reason)
        self.status = status
        self.headers = headers or {}


def accept(
    environ: Mapping[str, Any],
    subprotocol: str | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> bytes:
    """Build the 101 response to an upgrade request, ready to be sent.

    No extension is ever accepted, so permessage-deflate stays off even when it is offered.
    Raises `Refused` for a bad request (400; 405 for a wrong method; 426 for a wrong version),
    and `ValueError` when the caller picks a subprotocol that the client did not offer, or a
    header that would break the response.
    """
    key = _checked_key(environ)
    if subprotocol is not None and subprotocol not in offered_subprotocols(environ):
        raise ValueError("The client did not offer this subprotocol.")

    lines = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", accept_key(key)),
        *([("Sec-WebSocket-Protocol", subprotocol)] if subprotocol is not None else []),
        *headers,
    ]
    for name, value in lines:
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise ValueError("A response header holds a character that HTTP forbids.")
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return f"HTTP/1.1 101 Switching Protocols\r\n{head}\r\n".encode("latin-1")


def accept_key(key: str) -> str:
    """Return the `Sec-WebSocket-Accept` value that proves the key was read.

    >>> accept_key("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    # SHA-1 is the protocol's choice and guards nothing here.
    digest = hashlib.sha1(key.encode("latin-1") + KEY_SUFFIX, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def offered_subprotocols(environ: Mapping[str, Any]) -> list[str]:
    """Return the subprotocols a client offers, its favourite first."""
    return _tokens(environ, "HTTP_SEC_WEBSOCKET_PROTOCOL")


def _checked_key(environ: Mapping[str, Any]) -> str:
    """Return the request's key after every check of section 4.2.1."""
    if environ.get("REQUEST_METHOD") != "GET":
        raise Refused("A WebSocket is opened with GET.", 405, {"Allow": "GET"})
    if environ.get("SERVER_PROTOCOL", "HTTP/1.0") in {"HTTP/0.9", "HTTP/1.0"}:
        raise Refused("A WebSocket needs HTTP/1.1.")
    if not environ.get("HTTP_HOST"):
        raise Refused("The Host header is missing.")
    if "websocket" not in map(str.lower, _tokens(environ, "HTTP_UPGRADE")):
        raise Refused("The Upgrade header does not ask for a WebSocket.")
    if "upgrade" not in map(str.lower, _tokens(environ, "HTTP_CONNECTION")):
        raise Refused("The Connection header does not ask for an upgrade.")
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION", "").strip() != VERSION:
        raise Refused(
            "Only WebSocket version 13 is spoken here.",
            426,
            {"Upgrade": "websocket", "Sec-WebSocket-Version": VERSION},
        )
    key: str = environ.get("HTTP_SEC_WEBSOCKET_KEY", "").strip()
    if not _is_key(key):
        raise Refused("Sec-WebSocket-Key is not 16 bytes in base64.")
    return key


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):  # ValueError: the header held a character beyond ASCII.
        return False


def _tokens(environ: Mapping[str, Any], name: str) -> list[str]:
    """Split a header that holds a comma-separated list."""
    return [token for part in environ.get(name, "").split(",") if (token := part.strip())]
