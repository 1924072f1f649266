"""Any conversation survives any split, and the `websockets` library agrees with every frame."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.frames import Frame
from websockets.frames import Opcode as TheirOpcode
from websockets.protocol import CLIENT, OPEN, SERVER, Protocol, Side
from websockets.uri import parse_uri

from app.websocket import (
    Binary,
    Close,
    Decoder,
    Failed,
    Opcode,
    Ping,
    Pong,
    Text,
    accept,
    encode,
    encode_close,
)

LIMIT = 1 << 20
untimed = settings(deadline=None)  # A busy machine must not fail a property.
TEXT = st.text(max_size=200).map(Text)
BINARY = st.binary(max_size=300).map(Binary) | st.sampled_from([Binary(bytes(65536))])
CONTROL = st.binary(max_size=125).map(Ping) | st.binary(max_size=125).map(Pong)
CLOSING = st.builds(Close, st.sampled_from([1000, 1011, 3000, 4409]), st.text(max_size=30))
OPCODES = {Text: Opcode.TEXT, Binary: Opcode.BINARY, Ping: Opcode.PING, Pong: Opcode.PONG}
SIDES = pytest.mark.parametrize("server", [True, False], ids=["from a client", "from a server"])


@st.composite
def conversations(draw):
    """Draw frames as (opcode, payload, final) and the messages they mean, a close at the end."""
    frames, messages = [], []
    for message in draw(st.lists(TEXT | BINARY | CONTROL, max_size=6)):
        body = payload(message)
        cuts = [] if isinstance(message, Ping | Pong) else draw(cuts_of(body))
        parts = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
        for i, part in enumerate(parts):
            if i and draw(st.booleans()):
                control = draw(CONTROL)
                frames.append((OPCODES[type(control)], payload(control), True))
                messages.append(control)
            opcode = Opcode.CONTINUATION if i else OPCODES[type(message)]
            frames.append((opcode, part, i == len(parts) - 1))
        messages.append(message)
    closing = draw(CLOSING)
    frames.append((Opcode.CLOSE, closing.code.to_bytes(2, "big") + closing.reason.encode(), True))
    return frames, [*messages, closing]


def cuts_of(body):
    return st.lists(st.integers(0, len(body)), max_size=4).map(sorted)


def payload(message):
    return message.text.encode() if isinstance(message, Text) else message.payload


@SIDES
@untimed
@given(conversation=conversations(), data=st.data())
def test_a_conversation_decodes_to_itself_however_it_is_split(server, conversation, data):
    frames, messages = conversation
    stream = b"".join(encode(kind, body, final=final, mask=server) for kind, body, final in frames)

    assert decoded(stream, data.draw(cuts_of(stream)), server) == messages


@SIDES
@untimed
@given(conversation=conversations(), data=st.data())
def test_frames_of_the_websockets_library_are_understood(server, conversation, data):
    frames, messages = conversation
    peer = Protocol(CLIENT if server else SERVER, state=OPEN)
    for kind, body, final in frames:
        peer.send_frame(Frame(TheirOpcode(kind), body, final))
    stream = b"".join(peer.data_to_send())

    assert decoded(stream, data.draw(cuts_of(stream)), server) == messages


@SIDES
@untimed
@given(conversation=conversations())
def test_our_frames_are_understood_by_the_websockets_library(server, conversation):
    frames, _ = conversation
    peer = Protocol(SERVER if server else CLIENT, state=OPEN, max_size=LIMIT)

    for kind, body, final in frames:
        peer.receive_data(encode(kind, body, final=final, mask=server))

    received = [(frame.opcode, bytes(frame.data), frame.fin) for frame in peer.events_received()]
    assert received == frames
    assert peer.parser_exc is None


@untimed
@given(conversation=conversations(), data=st.data())
def test_a_damaged_stream_gives_the_same_whole_or_split(conversation, data):
    frames, _ = conversation
    stream = bytearray(
        b"".join(encode(kind, body, final=final, mask=True) for kind, body, final in frames)
    )
    for place in data.draw(
        st.lists(st.integers(0, min(len(stream) - 1, 400)), min_size=1, max_size=3)
    ):
        stream[place] ^= data.draw(st.integers(1, 255))

    whole = decoded(stream, [], True)

    assert decoded(stream, data.draw(cuts_of(stream)), True) == whole
    assert not any(isinstance(message, Failed | Close) for message in whole[:-1])


@untimed
@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_raise(noise, server):
    decoded(noise, [len(noise) // 2], server)


@pytest.mark.parametrize("code", [1000, 1002, 1012, 4000])
def test_a_close_of_ours_ends_a_connection_of_the_websockets_library(code):
    peer = Protocol(Side.CLIENT, state=OPEN)

    peer.receive_data(encode_close(code, "because"))

    assert (peer.close_rcvd.code, peer.close_rcvd.reason) == (code, "because")
    assert decoded(b"".join(peer.data_to_send()), [], True) == [Close(code, "because")]


def test_a_client_of_the_websockets_library_takes_our_handshake():
    client = ClientProtocol(parse_uri("ws://gateway.example.org/"), subprotocols=["chalk"])
    request = client.connect()
    client.send_request(request)

    client.receive_data(accept(environ_of(request.headers), "chalk"))

    assert client.handshake_exc is None
    assert client.state is OPEN
    assert client.subprotocol == "chalk"


def environ_of(headers: Headers):
    environ = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.raw_items()
    }
    return environ | {"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1"}


def decoded(stream, cuts, server):
    """Feed a stream cut at some places to a fresh decoder."""
    decoder = Decoder(max_text=LIMIT, max_binary=LIMIT, server=server)
    pieces = zip([0, *cuts], [*cuts, len(stream)], strict=True)
    return [message for start, stop in pieces for message in decoder.feed(stream[start:stop])]
