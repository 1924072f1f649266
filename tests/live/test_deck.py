"""Frames read, unmasked and queued for everybody at once."""

import numpy as np
import pytest

from app import websocket
from app.live.deck import Deck
from app.live.member import Member
from tests.live.fakes import Stage, tone
from tests.live.test_source import FakeOwner

RATE = 8000


class FakeSession:
    """Somebody with a slot."""

    def __init__(self, deck: Deck, lane: int) -> None:
        self.spilled: list[np.ndarray] = []
        self.slot = deck.seat(self)
        self.inbox = deck.inbox(self.slot)
        deck.bind(self.slot, lane)

    def read(self, deck: Deck, data: bytes) -> None:
        self.inbox[: len(data)] = data
        deck.hit(self.slot, 1)

    def spill(self, frames: np.ndarray) -> None:
        self.spilled.append(frames.copy())


@pytest.fixture
def deck() -> Deck:
    return Deck(RATE, 4)


def frame(level: int) -> bytes:
    return websocket.encode_binary(tone(level, RATE).tobytes(), mask=True)


def test_exact_frames_are_unmasked_and_queued(deck: Deck) -> None:
    sessions = [FakeSession(deck, deck.bank.open()) for _ in range(3)]

    for level, session in enumerate(sessions):
        session.read(deck, frame(level))
    others = deck.collect()

    assert others == []
    assert deck.bank.pop()[:3, 0].tolist() == [0, 1, 2]
    assert [deck.frames_in(session.slot) for session in sessions] == [1, 1, 1]


def test_something_else_of_the_same_length_comes_back_as_bytes(deck: Deck) -> None:
    lane = deck.bank.open()
    strange, plain = FakeSession(deck, lane), FakeSession(deck, deck.bank.open())
    text = websocket.encode_text("x" * (deck.exact - 8), mask=True)

    strange.read(deck, text)
    plain.read(deck, frame(5))

    assert deck.collect() == [(strange, text)]
    assert deck.bank.pop()[:2, 0].tolist() == [0, 5]


def test_a_frame_that_finds_its_lane_full_is_given_to_its_session(deck: Deck) -> None:
    session = FakeSession(deck, deck.bank.open())

    for level in range(deck.bank.depth + 1):
        session.read(deck, frame(level))
        deck.collect()

    assert [int(f[0, 0]) for f in session.spilled] == [deck.bank.depth]


def test_a_frame_of_a_slot_that_was_given_back_is_nobodys(deck: Deck) -> None:
    session = FakeSession(deck, deck.bank.open())
    session.read(deck, frame(5))

    deck.unseat(session.slot)
    newcomer = FakeSession(deck, deck.bank.open())
    deck.collect()

    assert newcomer.slot == session.slot
    assert not deck.bank.count.any()


def test_frames_read_before_the_deck_grows_are_kept(deck: Deck) -> None:
    first = FakeSession(deck, deck.bank.open())
    first.read(deck, frame(5))

    many = [FakeSession(deck, deck.bank.open()) for _ in range(100)]
    for session in many:
        session.read(deck, frame(6))
    deck.collect()

    current = deck.bank.pop()
    assert current[0, 0] == 5
    assert current[1:101, 0].tolist() == [6] * 100


def test_levels_are_taken_when_asked_for(deck: Deck) -> None:
    member = Member(deck, "p", None)
    deck.add("room", member)
    member.add_source(play_out=True, owner=FakeOwner()).feed(tone(-32_768, RATE).tobytes())

    deck.mix(measure=True)

    assert deck.levels[member.lane] == 0
    assert deck.levels[deck.bank.open()] == -90


def test_a_listener_whose_connection_broke_is_left_to_the_next_tick(stage: Stage) -> None:
    agent, other = stage.connect(), stage.connect()
    for client in (agent, other):
        client.say("audio_config", receive=True)
    stage.tick()
    agent.vanish()
    other.take()

    for deck in stage.engine.decks.values():
        deck.send()
    stage.tick()

    assert len(other.frames()) == 2
    assert len(stage.sessions()) == 1
