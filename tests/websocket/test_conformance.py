"""The Autobahn suite's cases of sections 1 to 7, from RFC 6455, without the suite itself.

Each case is what a client sends and what must come of it: messages, and as a bare number the code
of the failure that ends the connection. Every case is fed whole, by the byte, and in odd pieces.
"""

import itertools

import pytest

from app.websocket import NO_CODE, Binary, Close, Decoder, Failed, Ping, Pong, Text

KEY = bytes.fromhex("37fa213d")  # The mask of the examples in RFC 6455 section 5.7.

GREEK = "κόσμε"  # The word that Markus Kuhn's UTF-8 stress test begins with.
HELLO = "Hello-µ@ßöäüàá-UTF-8!!"
SIZES = (0, 125, 126, 127, 128, 65535, 65536)


def frame(first, payload=b""):
    """Build a client's frame by hand; `first` is its first byte: FIN, reserved bits and opcode."""
    size = len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65536:
        head = bytes((first, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 0x80 | 127)) + size.to_bytes(8, "big")
    pad = KEY * (size // 4 + 1)
    return head + KEY + bytes(a ^ b for a, b in zip(payload, pad, strict=False))


def text(payload):
    return frame(0x81, payload.encode())


def close(code, reason=b""):
    return frame(0x88, code.to_bytes(2, "big") + reason)


def octets(payload):
    """Spread a text message over one fragment per byte."""
    last = len(payload) - 1
    return [
        frame((0x80 if i == last else 0) | (i == 0), payload[i : i + 1]) for i in range(last + 1)
    ]


OK = text("ok")
PING = frame(0x89, b"p")

FRAMING = {
    **{f"1.1.{i}": ([text("*" * n)], [Text("*" * n)]) for i, n in enumerate(SIZES, 1)},
    **{
        f"1.2.{i}": ([frame(0x82, b"\xfe" * n)], [Binary(b"\xfe" * n)])
        for i, n in enumerate(SIZES, 1)
    },
}

PINGS = {
    "2.1": ([frame(0x89)], [Ping(b"")]),
    "2.2": ([frame(0x89, b"Hello, world!")], [Ping(b"Hello, world!")]),
    "2.3": ([frame(0x89, b"\x00\xff\xfe\xfd")], [Ping(b"\x00\xff\xfe\xfd")]),
    "2.4": ([frame(0x89, b"\xfe" * 125)], [Ping(b"\xfe" * 125)]),
    "2.5": ([frame(0x89, b"\xfe" * 126)], [1002]),
    "2.7": ([frame(0x8A)], [Pong(b"")]),
    "2.8": ([frame(0x8A, b"unasked")], [Pong(b"unasked")]),
    "2.9": ([frame(0x8A, b"unasked"), PING], [Pong(b"unasked"), Ping(b"p")]),
    "2.10": ([frame(0x89, b"%d" % i) for i in range(10)], [Ping(b"%d" % i) for i in range(10)]),
}

RESERVED_BITS = {
    "3.1": ([frame(0xC1, b"x")], [1002]),
    "3.2": ([OK, frame(0xA1, b"x"), PING], [Text("ok"), 1002]),
    "3.3": ([OK, frame(0xB1, b"x"), PING], [Text("ok"), 1002]),
    "3.4": ([OK, frame(0xD1, b"x"), PING], [Text("ok"), 1002]),
    "3.5": ([frame(0xD2, b"\xff")], [1002]),
    "3.6": ([frame(0xE9, b"x")], [1002]),
    "3.7": ([frame(0xF8)], [1002]),
}

OPCODES = {
    **{
        f"4.1.{i}": ([OK, frame(0x80 | (2 + i), b"x"), PING], [Text("ok"), 1002])
        for i in range(1, 6)
    },
    **{f"4.2.{i}": ([OK, frame(0x80 | (10 + i)), PING], [Text("ok"), 1002]) for i in range(1, 6)},
}

ONE, TWO, END = frame(0x01, b"one,"), frame(0x00, b"two,"), frame(0x80, b"end")
FRAGMENTATION = {
    "5.1": ([frame(0x09, b"x"), frame(0x80, b"y")], [1002]),
    "5.2": ([frame(0x0A, b"x"), frame(0x80, b"y")], [1002]),
    "5.3-5": ([ONE, END], [Text("one,end")]),
    "5.6-8": ([ONE, PING, END], [Ping(b"p"), Text("one,end")]),
    "5.9-11": ([END, OK], [1002]),
    "5.12-14": ([TWO, OK], [1002]),
    "5.15": ([ONE, END, TWO, OK], [Text("one,end"), 1002]),
    "5.16": ([TWO, OK, TWO, OK], [1002]),
    "5.17": ([END, OK, END, OK], [1002]),
    "5.18": ([ONE, frame(0x81, b"x")], [1002]),
    "5.19-20": (
        [ONE, TWO, PING, TWO, TWO, PING, END],
        [Ping(b"p"), Ping(b"p"), Text("one,two,two,two,end")],
    ),
}

VALID = {
    "6.2.1": HELLO,
    "6.5.1": GREEK,
    "6.6.7": GREEK[:3],
    "6.7.1": "\x00",
    "6.7.2": "\x80",
    "6.7.3": "\u0800",
    "6.7.4": "\U00010000",
    "6.9.1": "\x7f",
    "6.9.2": "\u07ff",
    "6.9.3": "\uffff",
    "6.9.4": "\U0010ffff",
    "6.11.1": "\ud7ff",
    "6.11.2": "\ue000",
    "6.11.3": "\ufffd",
    "6.22.1": "\ufffe",
    "6.22.34": "\U0010ffff",
    "6.23.1": "\ufff0",
}
BROKEN = {
    "6.3.1": GREEK.encode() + b"\xed\xa0\x80edited",
    "6.6.1": b"\xce",
    "6.6.3": GREEK.encode()[:3],
    "6.8.1": b"\xf8\x88\x80\x80\x80",
    "6.8.2": b"\xfc\x84\x80\x80\x80\x80",
    "6.10.1": b"\xf7\xbf\xbf\xbf",
    "6.10.2": b"\xfb\xbf\xbf\xbf\xbf",
    "6.11.5": b"\xf4\x90\x80\x80",
    "6.12.1": b"\x80",
    "6.12.3": b"\x80\xbf",
    "6.13.1": b"\xc0 \xc1 \xc2 ",
    "6.13.3": b"\xf0 \xf1 ",
    "6.14.1": b"\xc0",
    "6.14.3": b"\xf0\x80\x80",
    "6.14.6": b"\xdf",
    "6.15.1": b"\xc0\xe0\x80\xf0\x80\x80",
    "6.16.1": b"\xfe",
    "6.16.2": b"\xff",
    "6.17.1": b"\xc0\xaf",
    "6.17.3": b"\xf0\x80\x80\xaf",
    "6.18.1": b"\xc1\xbf",
    "6.18.3": b"\xf0\x8f\xbf\xbf",
    "6.19.1": b"\xc0\x80",
    "6.20.1": b"\xed\xa0\x80",
    "6.20.7": b"\xed\xbf\xbf",
    "6.21.1": b"\xed\xa0\x80\xed\xb0\x80",
    "6.21.8": b"\xed\xaf\xbf\xed\xbf\xbf",
}
UNICODE = {
    "6.1.1": ([frame(0x81)], [Text("")]),
    "6.1.2": ([frame(0x01), frame(0x00), frame(0x80)], [Text("")]),
    "6.1.3": ([frame(0x01), frame(0x00, b"middle"), frame(0x80)], [Text("middle")]),
    "6.2.2": ([frame(0x01, HELLO[:7].encode()), frame(0x80, HELLO[7:].encode())], [Text(HELLO)]),
    "6.2.3-4": (octets(HELLO.encode()), [Text(HELLO)]),
    **{case: ([text(valid)], [Text(valid)]) for case, valid in VALID.items()},
    **{case: ([frame(0x81, broken), OK], [1007]) for case, broken in BROKEN.items()},
    **{f"{case} split": ([*octets(broken), OK], [1007]) for case, broken in BROKEN.items()},
}

GOOD_CODES = (*range(1000, 1004), *range(1007, 1015), 3000, 3999, 4000, 4999)
BAD_CODES = (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
NORMAL = Close(1000, "")
CLOSING = {
    "7.1.1": ([OK, close(1000)], [Text("ok"), NORMAL]),
    "7.1.2": ([close(1000), close(1000)], [NORMAL]),
    "7.1.3": ([close(1000), PING], [NORMAL]),
    "7.1.4": ([close(1000), OK], [NORMAL]),
    "7.1.5": ([ONE, close(1000), END], [NORMAL]),
    "7.1.6": ([text("B" * 262144), OK, close(1000)], [Text("B" * 262144), Text("ok"), NORMAL]),
    "7.3.1": ([frame(0x88)], [Close(NO_CODE, "")]),
    "7.3.2": ([frame(0x88, b"\x03")], [1002]),
    "7.3.3": ([close(1000)], [NORMAL]),
    "7.3.4": ([close(1000, b"bye")], [Close(1000, "bye")]),
    "7.3.5": ([close(1000, b"*" * 123)], [Close(1000, "*" * 123)]),
    "7.3.6": ([close(1000, b"*" * 124)], [1002]),
    "7.5.1": ([close(1000, BROKEN["6.3.1"])], [1007]),
    **{f"7.7 {code}": ([close(code)], [Close(code, "")]) for code in GOOD_CODES},
    **{f"7.9 {code}": ([close(code)], [1002]) for code in BAD_CODES},
    **{f"7.9 {code} why": ([close(code, b"why")], [1002]) for code in BAD_CODES},
}

CASES = FRAMING | PINGS | RESERVED_BITS | OPCODES | FRAGMENTATION | UNICODE | CLOSING
FAIL_FAST = {
    "6.4.1": [GREEK.encode(), b"\xf4\x90\x80\x80"],
    "6.4.2": [GREEK.encode() + b"\xf4", b"\x90"],
    "surrogate": [GREEK.encode() + b"\xed", b"\xa0"],
    "overlong": [b"", b"\xc0"],
}


@pytest.mark.parametrize("piece", [1, 997, 1 << 20], ids=["bytes", "pieces", "whole"])
@pytest.mark.parametrize("case", CASES)
def test_a_case_of_the_suite_comes_out_however_it_is_split(case, piece):
    frames, expected = CASES[case]
    decoder = Decoder(max_text=1 << 20, max_binary=1 << 20)

    assert outcome(decoder, b"".join(frames), piece) == expected


@pytest.mark.parametrize("case", FAIL_FAST)
def test_wrong_text_fails_in_the_fragment_that_holds_it(case):
    good, bad = FAIL_FAST[case]
    decoder = Decoder(max_text=1 << 20, max_binary=1 << 20)

    assert decoder.feed(frame(0x01, good)) == []
    assert outcome(decoder, frame(0x00, bad), 1 << 20) == [1007]


@pytest.mark.parametrize("case", FAIL_FAST)
def test_wrong_text_fails_before_its_frame_is_whole(case):
    good, bad = FAIL_FAST[case]
    decoder = Decoder(max_text=1 << 20, max_binary=1 << 20)
    whole = frame(0x81, good + bad + b"and so on")
    border = 6 + len(good)

    assert decoder.feed(whole[:border]) == []
    assert outcome(decoder, whole[border : border + len(bad)], 1 << 20) == [1007]


def outcome(decoder, stream, piece):
    """Feed a stream in pieces; return its messages, a failure as its bare code."""
    pieces = (stream[at : at + piece] for at in range(0, len(stream), piece))
    messages = itertools.chain.from_iterable(map(decoder.feed, pieces))
    return [message.code if isinstance(message, Failed) else message for message in messages]
