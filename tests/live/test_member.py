"""A member's sources, summed into its row."""

import numpy as np
import pytest

from app.live.deck import Deck
from app.live.member import Member
from app.live.source import Microphone, Playout
from tests.live.fakes import ramp, tone
from tests.live.test_source import FakeOwner

RATE = 8000


@pytest.fixture
def member() -> Member:
    deck = Deck(RATE, 4)
    found = Member(deck, "p1", None)
    deck.add("room", found)
    return found


def test_the_first_source_lies_in_the_members_own_row(member: Member) -> None:
    first = member.add_source(play_out=True, owner=FakeOwner())
    second = member.add_source(play_out=True, owner=FakeOwner())

    assert first.lane == member.lane
    assert second.lane != member.lane
    assert member in member.deck.intricate


def test_further_sources_are_added_with_saturation(member: Member) -> None:
    for level in (30_000, 10_000):
        member.add_source(play_out=True, owner=FakeOwner()).feed(tone(level, RATE).tobytes())

    current = member.deck.bank.pop()
    member.play(current)

    assert np.all(current[member.lane] == 32_767)


def test_a_second_source_is_still_heard_when_the_first_is_gone(member: Member) -> None:
    first, second = (member.add_source(play_out=True, owner=FakeOwner()) for _ in range(2))
    member.release(first)

    second.feed(tone(7, RATE).tobytes())
    member.deck.mix(measure=False)

    assert member.intricate
    assert np.all(member.deck.bank.current[member.lane] == 7)


def test_a_source_let_go_plays_out_and_is_removed_afterwards(member: Member) -> None:
    source = member.add_source(play_out=True, owner=FakeOwner())
    source.feed(ramp(2, RATE).tobytes())

    member.release(source)
    member.tidy()
    kept = source in member.sources
    for _ in range(3):
        member.deck.mix(measure=False)
    member.tidy()

    assert kept
    assert not member.sources


def test_a_second_release_changes_nothing(member: Member) -> None:
    source = member.add_source(play_out=True, owner=FakeOwner())

    member.release(source)
    member.release(source)

    assert not member.sources


def test_a_microphone_is_trimmed_and_a_playout_is_not(member: Member) -> None:
    playout = member.add_source(play_out=True, owner=FakeOwner())
    microphone = member.add_source(play_out=False, owner=FakeOwner())
    watched = member.deck.trimmer._watched

    assert isinstance(playout, Playout)
    assert isinstance(microphone, Microphone)
    assert [bool(watched[source.lane]) for source in (playout, microphone)] == [False, True]


def test_a_clear_sums_what_is_thrown_away_and_forgets_live_sound(member: Member) -> None:
    sources = [member.add_source(play_out=kind, owner=FakeOwner()) for kind in (True, True, False)]
    for source in sources:
        source.feed(ramp(2, RATE).tobytes())
    sources[1].mark("m")

    played, discarded, marks = member.clear()

    assert (played, discarded) == (0, 80)
    assert marks == [(sources[1], "m")]
    assert not member.deck.bank.count.any()


def test_a_mute_holds_for_all_its_lanes(member: Member) -> None:
    sources = [member.add_source(play_out=True, owner=FakeOwner()) for _ in range(2)]

    member.mute(True)
    for source in sources:
        source.feed(tone(9, RATE).tobytes())
    member.deck.mix(measure=False)

    assert not member.deck.bank.current.any()


def test_held_sound_waits_for_activation() -> None:
    deck = Deck(RATE, 4)
    member = Member(deck, "p1", "call")
    deck.add("room", member)
    source = member.add_source(play_out=True, owner=FakeOwner())
    source.feed(tone(9, RATE).tobytes())
    deck.intricate.add(member)

    deck.mix(measure=False)
    held = not deck.bank.current.any()
    member.activate()
    deck.mix(measure=False)

    assert held
    assert np.all(deck.bank.current[member.lane] == 9)


def test_a_member_that_leaves_gives_its_lanes_back(member: Member) -> None:
    for _ in range(2):
        member.add_source(play_out=True, owner=FakeOwner()).feed(tone(9, RATE).tobytes())

    member.deck.remove("room", member)

    assert not member.deck.bank.opened.any()
    assert not member.deck.rooms
