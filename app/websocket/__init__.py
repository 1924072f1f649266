"""WebSocket (RFC 6455) without IO: the handshake's answer, frames out, messages in."""

from app.websocket.decoder import Decoder
from app.websocket.frames import (
    NO_CODE,
    Binary,
    Close,
    Failed,
    Message,
    Opcode,
    Ping,
    Pong,
    Text,
    answer_close,
    binary_header,
    encode,
    encode_binary,
    encode_close,
    encode_ping,
    encode_pong,
    encode_text,
)
from app.websocket.handshake import Refused, accept, accept_key, offered_subprotocols

__all__ = [
    "NO_CODE",
    "Binary",
    "Close",
    "Decoder",
    "Failed",
    "Message",
    "Opcode",
    "Ping",
    "Pong",
    "Refused",
    "Text",
    "accept",
    "accept_key",
    "answer_close",
    "binary_header",
    "encode",
    "encode_binary",
    "encode_close",
    "encode_ping",
    "encode_pong",
    "encode_text",
    "offered_subprotocols",
]
