import pytest

from app.websocket import (
    NO_CODE,
    Close,
    Opcode,
    answer_close,
    binary_header,
    encode,
    encode_binary,
    encode_close,
    encode_ping,
    encode_pong,
    encode_text,
)

# RFC 6455 section 5.7 prints these frames.
EXAMPLES = [
    (encode_text("Hello"), "810548656c6c6f"),
    (encode(Opcode.TEXT, b"Hel", final=False), "010348656c"),
    (encode(Opcode.CONTINUATION, b"lo"), "80026c6f"),
    (encode_ping(b"Hello"), "890548656c6c6f"),
    (encode_pong(b"Hello"), "8a0548656c6c6f"),
    (encode_binary(bytes(256))[:4], "827e0100"),
    (encode_binary(bytes(65536))[:10], "827f0000000000010000"),
]


@pytest.mark.parametrize(("frame", "printed"), EXAMPLES)
def test_frames_are_those_printed_in_the_rfc(frame, printed):
    assert frame.hex() == printed


@pytest.mark.parametrize("size", [0, 1, 125, 126, 1920, 65535, 65536, 1 << 20])
def test_a_header_alone_is_the_frame_without_its_payload(size):
    assert binary_header(size) + bytes(size) == encode_binary(bytes(size))


def test_a_masked_frame_hides_its_payload_behind_its_key():
    frame = encode_text("Hello", mask=True)

    key, hidden = frame[2:6], frame[6:]
    assert frame[:2].hex() == "8185"
    assert bytes(a ^ key[i % 4] for i, a in enumerate(hidden)) == b"Hello"


def test_every_masked_frame_has_a_key_of_its_own():
    assert len({encode_ping(mask=True)[2:6] for _ in range(50)}) > 45


def test_the_size_of_a_view_is_counted_in_bytes():
    samples = memoryview(bytes(8)).cast("h")

    assert encode_binary(samples) == b"\x82\x08" + bytes(8)


def test_text_may_come_as_utf8_bytes():
    assert encode_text("µ") == encode_text("µ".encode())


@pytest.mark.parametrize("build", [encode_ping, encode_pong])
def test_control_frames_hold_125_bytes_and_no_more(build):
    assert len(build(bytes(125))) == 127
    with pytest.raises(ValueError, match="125"):
        build(bytes(126))


@pytest.mark.parametrize("reason", ["x" * 200, "µ" * 100, "x" + "µ" * 100, "€" * 50, "🙂" * 40])
def test_a_long_reason_is_cut_between_two_characters(reason):
    sent = encode_close(4409, reason)[4:]

    assert 120 <= len(sent) <= 123
    assert reason.startswith(sent.decode())


def test_a_reason_of_123_bytes_is_whole():
    assert encode_close(1000, "x" * 123) == b"\x88\x7d\x03\xe8" + b"x" * 123


@pytest.mark.parametrize("code", [0, 999, 1004, 1006, 1015, 1016, 2999, 5000, 70000])
def test_codes_that_must_not_be_sent_are_errors(code):
    with pytest.raises(ValueError, match="close code"):
        encode_close(code)


def test_a_close_without_a_code_is_empty():
    assert encode_close() == b"\x88\x00"
    assert encode_close(NO_CODE, "lost") == b"\x88\x00"


@pytest.mark.parametrize("code", [1000, 1001, 1014, 3000, 4999])
def test_a_close_is_answered_with_its_own_code(code):
    assert answer_close(Close(code, "bye")) == encode_close(code)


def test_a_close_without_a_code_is_answered_without_one():
    assert answer_close(Close(NO_CODE, "")) == b"\x88\x00"
