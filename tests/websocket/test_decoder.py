"""What the conformance cases leave open: limits, state, buffers, and the client's side."""

import tracemalloc

import pytest

from app.websocket import (
    Binary,
    Close,
    Decoder,
    Failed,
    Opcode,
    Ping,
    Text,
    encode,
    encode_binary,
    encode_close,
    encode_ping,
    encode_text,
)


@pytest.fixture
def decoder():
    return Decoder(max_text=20, max_binary=10)


def test_messages_before_a_fault_are_returned_with_it(decoder):
    messages = decoder.feed(encode_text("first", mask=True) + b"\xff\xff")

    assert messages == [Text("first"), Failed(1002, "A reserved bit is set.")]


def test_nothing_follows_a_failure(decoder):
    decoder.feed(b"\xff\xff")

    assert decoder.ended
    assert decoder.feed(encode_text("late", mask=True)) == []


def test_nothing_follows_a_close(decoder):
    assert decoder.feed(encode_close(1000, mask=True)) == [Close(1000, "")]

    assert decoder.ended
    assert decoder.feed(encode_text("late", mask=True)) == []


def test_a_message_at_its_limit_passes(decoder):
    stream = encode_text("x" * 20, mask=True) + encode_binary(b"x" * 10, mask=True)

    assert decoder.feed(stream) == [Text("x" * 20), Binary(b"x" * 10)]


@pytest.mark.parametrize(("opcode", "limit"), [(Opcode.TEXT, 20), (Opcode.BINARY, 10)])
def test_each_kind_of_message_has_its_own_limit(decoder, opcode, limit):
    messages = decoder.feed(encode(opcode, b"x" * (limit + 1), mask=True))

    assert messages == [Failed(1009, f"A message holds more than {limit} bytes.")]


@pytest.mark.parametrize("head", ["828b", "82fe0080", "82ff0000000000010000"])
def test_a_declared_length_over_the_limit_fails_before_the_payload_comes(decoder, head):
    (failed,) = decoder.feed(bytes.fromhex(head) + b"mask")

    assert failed.code == 1009


def test_a_large_declared_length_fails_even_before_its_mask_comes(decoder):
    (failed,) = decoder.feed(bytes.fromhex("82fe0080"))

    assert failed.code == 1009


def test_fragments_share_one_limit(decoder):
    first = encode(Opcode.BINARY, b"x" * 6, final=False, mask=True)
    second = encode(Opcode.CONTINUATION, b"x" * 5, mask=True)

    assert decoder.feed(first) == []
    (failed,) = decoder.feed(second)

    assert failed.code == 1009


def test_the_limit_counts_one_message_only(decoder):
    message = encode(Opcode.BINARY, b"x" * 6, final=False, mask=True)
    message += encode(Opcode.CONTINUATION, b"y" * 4, mask=True)

    assert decoder.feed(message * 3) == [Binary(b"xxxxxxyyyy")] * 3


@pytest.mark.parametrize(
    "frame",
    ["81fe007d", "82ff000000000000ffff", "82ff8000000000010000", "82ff0000000000000000"],
    ids=["125 in two bytes", "65535 in eight", "highest bit set", "0 in eight"],
)
def test_a_length_must_be_written_in_its_shortest_form(frame):
    decoder = Decoder(max_text=1 << 20, max_binary=1 << 20)

    (failed,) = decoder.feed(bytes.fromhex(frame))

    assert failed.code == 1002


@pytest.mark.parametrize("server", [True, False])
def test_only_clients_mask(server):
    decoder = Decoder(max_text=20, max_binary=10, server=server)

    (failed,) = decoder.feed(encode_text("x", mask=not server))

    assert failed.code == 1002


def test_a_client_reads_a_server(decoder):
    client = Decoder(max_text=20, max_binary=10, server=False)
    stream = encode_text("over here") + encode_ping(b"?") + encode_binary(b"\x00\xff")

    assert client.feed(stream[:3]) == []
    assert client.feed(stream[3:]) == [Text("over here"), Ping(b"?"), Binary(b"\x00\xff")]


@pytest.mark.parametrize(
    "part",
    [
        encode_binary(b"abc", mask=True)[:1],
        encode_binary(b"abc", mask=True)[:4],
        encode_binary(b"abc", mask=True)[:6],
        encode_binary(b"abc", mask=True)[:8],
        encode_ping(b"abc", mask=True)[:8],
        encode(Opcode.TEXT, b"abc", final=False, mask=True),
        encode(Opcode.TEXT, b"", final=False, mask=True),
        encode_close(1000, mask=True),
    ],
    ids=["head", "mask", "no payload", "payload", "ping", "fragment", "empty fragment", "the end"],
)
def test_something_unfinished_is_pending(decoder, part):
    assert not decoder.pending

    decoder.feed(part)

    assert decoder.pending


def test_nothing_is_pending_after_whole_messages(decoder):
    whole = encode(Opcode.TEXT, b"a", final=False, mask=True)
    whole += encode(Opcode.CONTINUATION, b"b", mask=True) + encode_ping(mask=True)

    for at in range(len(whole)):
        decoder.feed(whole[at : at + 1])

    assert not decoder.pending


@pytest.mark.parametrize("buffer", [bytes, bytearray, lambda b: memoryview(bytearray(b))])
def test_messages_own_their_bytes(buffer):
    client = Decoder(max_text=20, max_binary=10, server=False)
    received = buffer(encode_binary(b"kept") + encode_binary(b"too")[:3])

    messages = client.feed(received)
    if not isinstance(received, bytes):
        received[:] = bytes(len(received))
    messages += client.feed(b"oo")

    assert messages == [Binary(b"kept"), Binary(b"too")]


def test_a_flood_of_tiny_fragments_holds_no_more_than_the_limit():
    decoder = Decoder(max_text=1 << 16, max_binary=1 << 16)
    flood = encode(Opcode.CONTINUATION, b"xy", final=False, mask=True) * 30000
    decoder.feed(encode(Opcode.BINARY, b"", final=False, mask=True))

    tracemalloc.start()
    try:
        assert decoder.feed(flood) == []
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held < 1 << 17


def test_a_failure_lets_go_of_what_was_held():
    decoder = Decoder(max_text=1 << 20, max_binary=1 << 20)

    tracemalloc.start()
    try:
        decoder.feed(encode(Opcode.BINARY, bytes(1 << 19), final=False, mask=True))
        decoder.feed(b"\xff\xff")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held < 1 << 16
