"""A client's socket as bytes: order, bounds and the goodbye."""

import socket
from collections.abc import Iterator

import pytest

from app import websocket
from app.live.peer import READ_BUDGET, Peer
from app.websocket import Binary, Close, Text

FRAME = websocket.encode_binary(bytes(4000))


LIMITS = {"max_text": 1 << 20, "max_binary": 1 << 20, "out_frames": 5, "out_texts": 100}


class Pair:
    """A peer and its far end."""

    def __init__(self) -> None:
        self.far, near = socket.socketpair()
        self.far.setblocking(False)
        self.peer = Peer(near, **LIMITS)
        self._decoder = websocket.Decoder(max_text=1 << 24, max_binary=1 << 20, server=False)

    def take(self) -> list[websocket.Message]:
        """What has come, with what follows as room is made for it."""
        found = []
        while True:
            try:
                found += self._decoder.feed(self.far.recv(1 << 20))
            except BlockingIOError:
                return found
            self.peer.flush()

    def block(self) -> None:
        """Send audio until the kernel takes no more."""
        while not self.peer.blocked:
            self.peer.send_frame(FRAME)


@pytest.fixture
def pair() -> Iterator[Pair]:
    found = Pair()
    yield found
    found.far.close()
    found.peer.shut()


def test_words_and_audio_keep_their_order(pair: Pair) -> None:
    pair.peer.send_text(b"a")
    pair.peer.send_frame(FRAME)
    pair.peer.send_text(b"b")

    assert pair.take() == [Text("a"), Binary(bytes(4000)), Text("b")]


def test_of_audio_only_the_latest_frames_wait_and_words_all_do(pair: Pair) -> None:
    pair.block()
    before = pair.peer.sent_frames

    for number in range(20):
        pair.peer.send_text(str(number).encode())
        pair.peer.send_frame(FRAME)
    queued, dropped = pair.peer.queued_frames, pair.peer.dropped_frames
    found = pair.take()

    assert queued == 5
    assert [m.text for m in found if isinstance(m, Text)] == [str(n) for n in range(20)]
    frames = sum(isinstance(m, Binary) for m in found)
    assert frames == pair.peer.sent_frames
    assert frames + dropped in (before + 20, before + 21)  # One may have waited whole.
    assert not pair.peer.blocked


def test_a_frame_cut_in_the_middle_goes_on_where_it_was(pair: Pair) -> None:
    pair.peer.send(FRAME[:100])

    pair.peer.partly_sent(memoryview(FRAME), 100)
    pair.peer.send_text(b"next")
    waiting = pair.peer.blocked
    pair.peer.flush()

    assert waiting
    assert pair.take() == [Binary(bytes(4000)), Text("next")]


def test_a_blocked_peer_is_in_the_stalled_set_until_it_has_caught_up(pair: Pair) -> None:
    pair.block()
    stalled = set(pair.peer.stalled)

    pair.take()

    assert stalled == {pair.peer}
    assert not pair.peer.stalled


def test_so_many_unread_messages_are_too_many(pair: Pair) -> None:
    pair.block()
    for _ in range(LIMITS["out_texts"] - 1):
        pair.peer.send_text(b"x")
    few = pair.peer.overflowing

    pair.peer.send_text(b"x")

    assert not few
    assert pair.peer.overflowing


def test_four_mebibytes_of_unread_messages_are_too_many(pair: Pair) -> None:
    pair.block()

    for _ in range(5):
        pair.peer.send_text(b"x" * (1 << 20))

    assert pair.peer.overflowing


def test_a_flood_is_read_in_portions(pair: Pair) -> None:
    pair.far.setblocking(True)
    pair.far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * READ_BUDGET)
    flood = websocket.encode_binary(bytes(60_000), mask=True)
    pair.far.setblocking(False)
    sent = 0
    try:
        while True:
            sent += pair.far.send(flood[sent % len(flood) :])
    except BlockingIOError:
        pass

    read = sum(len(m.payload) for m in pair.peer.read())

    assert read <= READ_BUDGET + 65_536


def test_an_end_without_goodbye_is_noticed(pair: Pair) -> None:
    pair.far.close()

    assert list(pair.peer.read()) == []
    assert pair.peer.gone


def test_writing_to_somebody_who_left_raises_nothing(pair: Pair) -> None:
    pair.far.close()

    pair.peer.send_text(b"x")
    pair.peer.send_frame(FRAME)
    pair.peer.close(1000, "")

    assert pair.peer.gone
    assert pair.peer.farewell()


def test_goodbye_is_said_once(pair: Pair) -> None:
    pair.peer.close(1000, "call_ended")
    pair.peer.close(1001, "again")

    assert pair.take() == [Close(1000, "call_ended")]


def test_the_farewell_waits_for_the_other_side_and_for_what_is_unsent(pair: Pair) -> None:
    pair.block()
    pair.peer.close(1000, "")
    early = pair.peer.farewell()
    found = pair.take()
    later = pair.peer.farewell()
    pair.far.send(b"late words")
    pair.far.shutdown(socket.SHUT_WR)

    assert (early, later) == (False, False)
    assert found[-1] == Close(1000, "")
    assert pair.peer.farewell()
