"""Lane and queue of one stream, in one order."""

import numpy as np
import pytest

from app.live.source import LONGEST_WAIT, Microphone, Playout, Source
from app.media.bank import FrameBank
from app.media.marks import Released
from tests.live.fakes import ramp, tone

RATE = 8000


class FakeOwner:
    def __init__(self) -> None:
        self.reached: list[Released] = []
        self.qualified = 0

    def mark_reached(self, mark: Released) -> None:
        self.reached.append(mark)

    def qualify(self) -> None:
        self.qualified += 1


@pytest.fixture
def bank() -> FrameBank:
    return FrameBank(RATE, 4, depth=4)


@pytest.fixture
def playout(bank: FrameBank) -> Playout:
    return Playout(bank, bank.open(), FakeOwner())


def play(source: Source, ticks: int) -> list[int]:
    """The first sample of each of the next ticks."""
    heard = []
    for _ in range(ticks):
        current = source.bank.pop()
        if source.slow:
            source.pull(current)
        heard.append(int(current[source.lane, 0]))
    return heard


def test_whole_native_frames_lie_in_the_lane(playout: Playout) -> None:
    playout.feed(ramp(3, RATE).tobytes())

    assert not playout.slow
    assert play(playout, 4) == [1, 161, 321, 0]


def test_what_the_lane_cannot_hold_waits_behind_it_in_order(playout: Playout) -> None:
    playout.feed(ramp(3, RATE).tobytes())
    playout.feed(ramp(7, RATE, start=481).tobytes())

    assert playout.slow
    assert play(playout, 11) == [1 + 160 * frame for frame in range(10)] + [0]


def test_a_stream_that_keeps_pace_again_returns_to_the_lane(playout: Playout) -> None:
    playout.feed(ramp(6, RATE).tobytes())
    play(playout, 6)

    playout.feed(ramp(1, RATE, start=7).tobytes())

    assert not playout.slow
    assert playout.owner.qualified
    assert play(playout, 2) == [7, 0]


def test_a_new_stream_in_a_used_lane_counts_from_zero(bank: FrameBank, playout: Playout) -> None:
    playout.feed(ramp(3, RATE).tobytes())
    play(playout, 4)

    second = Playout(bank, playout.lane, FakeOwner())
    second.mark("m")

    assert second.owner.reached == [Released("m", 0)]


def test_a_mark_is_reached_when_the_lane_has_played_what_was_before_it(playout: Playout) -> None:
    playout.feed(ramp(2, RATE).tobytes())
    playout.mark("m")

    play(playout, 1)
    early = list(playout.owner.reached)
    play(playout, 1)

    assert early == []
    assert playout.owner.reached == [Released("m", 40)]


def test_a_muted_lane_is_silent_also_behind_the_queue(bank: FrameBank, playout: Playout) -> None:
    bank.muted[playout.lane] = True
    playout.feed(ramp(8, RATE).tobytes())

    assert play(playout, 8) == [0] * 8
    assert playout.drained


def test_clear_empties_lane_and_queue_and_half_a_sample(playout: Playout) -> None:
    playout.feed(ramp(3, RATE).tobytes())
    playout.feed(ramp(3, RATE).tobytes() + b"\x01")
    play(playout, 2)

    played, discarded, marks = playout.clear()
    playout.feed(b"\x02\x00")

    assert (played, discarded, marks) == (40, 80, [])
    assert play(playout, 3) == [0, 0, 2]


@pytest.mark.parametrize("pause", [1, 5])
def test_after_a_pause_clear_counts_only_what_came_since(playout: Playout, pause: int) -> None:
    playout.feed(ramp(2, RATE).tobytes())
    playout.mark("m")  # Makes the queue look at the lane before the pause.
    play(playout, 2 + pause)
    playout.feed(ramp(4, RATE).tobytes())
    play(playout, 3)

    assert playout.clear()[:2] == (60, 20)


def test_clear_counts_across_lane_and_queue_without_a_pause(playout: Playout) -> None:
    playout.feed(ramp(2, RATE).tobytes())
    play(playout, 1)
    playout.feed(ramp(6, RATE).tobytes())
    play(playout, 5)

    assert playout.clear()[:2] == (120, 40)


def test_a_held_stream_keeps_everything_in_its_queue(bank: FrameBank, playout: Playout) -> None:
    playout.held = True

    playout.feed(ramp(2, RATE).tobytes())

    assert not bank.count[playout.lane]
    assert playout.queued_ms == 40


@pytest.mark.parametrize("rate", [7999, 8001])
def test_a_rate_out_of_range_raises(bank: FrameBank, playout: Playout, rate: int) -> None:
    for source in (playout, Microphone(bank, bank.open())):
        with pytest.raises(ValueError, match="sample rate"):
            source.configure(rate)


def test_a_microphone_joins_pieces_and_plays_only_whole_frames(bank: FrameBank) -> None:
    microphone = Microphone(bank, bank.open())

    microphone.feed(tone(5, RATE)[:100].tobytes())
    straight = microphone.straight
    microphone.feed(tone(5, RATE)[:70].tobytes())

    assert not straight
    assert bank.count[microphone.lane] == 1
    assert np.all(bank.pop()[microphone.lane] == 5)


@pytest.fixture
def microphone(bank: FrameBank) -> Microphone:
    return Microphone(bank, bank.open())


def test_a_large_piece_of_a_microphone_waits_behind_its_lane(microphone: Microphone) -> None:
    lost = microphone.feed(ramp(9, RATE).tobytes())

    assert lost == 0
    assert not microphone.straight
    assert play(microphone, 10) == [1 + 160 * frame for frame in range(9)] + [0]
    assert microphone.straight


def test_beyond_ten_seconds_a_microphone_loses_its_oldest(microphone: Microphone) -> None:
    microphone.feed(tone(1, RATE).tobytes() * 3)

    lost = microphone.feed(tone(2, RATE).tobytes() * (LONGEST_WAIT - 1))
    more = microphone.feed(tone(3, RATE).tobytes() * (LONGEST_WAIT + 5))

    assert (lost, more) == (2, LONGEST_WAIT + 5)
    assert play(microphone, LONGEST_WAIT + 1) == [3] * LONGEST_WAIT + [0]


def test_a_microphone_that_was_cut_keeps_only_its_newest_frames(microphone: Microphone) -> None:
    microphone.feed(ramp(3, RATE).tobytes())
    microphone.bank.drop(np.array([microphone.lane]), 3)  # Long ago, and nothing was behind it.
    microphone.feed(ramp(50, RATE).tobytes())
    microphone.pull(microphone.bank.current)

    microphone.bank.drop(np.array([microphone.lane]), 2)

    assert play(microphone, 1) == [321]
    assert play(microphone, 4) == [1 + 160 * frame for frame in (47, 48, 49)] + [0]


def test_a_microphone_is_resampled_and_cleared(bank: FrameBank) -> None:
    microphone = Microphone(bank, bank.open())
    microphone.configure(16_000)

    microphone.feed(tone(100, 16_000).tobytes() * 3)
    queued = int(bank.count[microphone.lane])
    microphone.clear()

    assert queued == 3
    assert not microphone.straight
    assert not bank.count[microphone.lane]


def test_a_mark_does_not_wait_for_frames_that_the_lane_dropped(
    bank: FrameBank, playout: Playout
) -> None:
    playout.feed(ramp(3, RATE).tobytes())
    playout.mark("m")

    bank.drop(np.array([playout.lane]), 2)
    play(playout, 1)

    assert playout.owner.reached == [Released("m", 20)]
    assert playout.dropped_ms == 40
