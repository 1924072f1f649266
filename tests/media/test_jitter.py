import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.media.bank import FrameBank
from app.media.jitter import CUT_AFTER_TICKS, CUT_TO, WINDOW_TICKS, Trimmer

QUIET, LOUD = 10, 5000


class Microphone:
    """One lane of a bank, fed and played tick by tick."""

    def __init__(self, depth=1):
        self.bank = FrameBank(8000, capacity=1, depth=16)
        self.lane = self.bank.open()
        self.trimmer = Trimmer(self.bank, depth)
        self.trimmer.watch(self.lane)

    def tick(self, *peaks, live=None):
        frames = np.repeat(np.array(peaks, np.int16).reshape(-1, 1), 160, axis=1)
        self.bank.push(np.full(len(peaks), self.lane), frames)
        self.bank.pop()
        self.trimmer.observe(live)

    def run(self, ticks, peak, **options):
        for _ in range(ticks):
            self.tick(peak, **options)

    @property
    def queued(self):
        return int(self.bank.count[self.lane])

    @property
    def dropped(self):
        return int(self.bank.dropped[self.lane])


@pytest.fixture
def microphone():
    return Microphone()


def test_the_burst_after_a_stall_is_gone_after_a_pause(microphone):
    microphone.run(100, QUIET)
    for _ in range(8):
        microphone.tick()
    microphone.tick(*[QUIET] * 9)
    assert microphone.queued == 8

    microphone.run(WINDOW_TICKS + 10, QUIET)

    assert microphone.queued == 1
    assert microphone.dropped == 7


def test_nothing_is_dropped_while_somebody_speaks(microphone):
    microphone.tick(*[LOUD] * 9)

    microphone.run(3 * WINDOW_TICKS, LOUD)

    assert microphone.queued == 8
    assert microphone.dropped == 0


def test_the_first_sound_after_a_pause_is_not_dropped(microphone):
    microphone.tick(*[LOUD] * 3)
    microphone.run(WINDOW_TICKS, LOUD)

    microphone.tick(QUIET)
    microphone.tick(LOUD)
    microphone.tick(LOUD)
    microphone.tick(LOUD)

    assert microphone.dropped == 0


def test_delay_that_lateness_still_uses_up_is_kept(microphone):
    for _ in range(10):
        microphone.tick(*[QUIET] * 10)
        for _ in range(9):
            microphone.tick()

    assert microphone.dropped == 0


def test_a_standing_queue_at_the_depth_is_kept():
    microphone = Microphone(depth=2)
    microphone.tick(*[QUIET] * 3)

    microphone.run(3 * WINDOW_TICKS, QUIET)

    assert microphone.queued == 2
    assert microphone.dropped == 0


def test_a_long_standing_queue_is_cut_in_mid_word(microphone):
    microphone.tick(*[LOUD] * 12)
    microphone.run(CUT_AFTER_TICKS - 2, LOUD)
    assert microphone.queued == 11

    microphone.tick(LOUD)

    assert microphone.queued == CUT_TO
    assert microphone.dropped == 8


def test_a_queue_of_200_ms_is_not_cut(microphone):
    microphone.tick(*[LOUD] * 11)

    microphone.run(CUT_AFTER_TICKS + 10, LOUD)

    assert microphone.queued == 10


def test_a_lane_that_is_not_watched_is_left_alone(microphone):
    microphone.trimmer.unwatch(microphone.lane)
    microphone.tick(*[QUIET] * 12)

    microphone.run(CUT_AFTER_TICKS + 10, QUIET)

    assert microphone.queued == 11


def test_a_lane_that_is_not_live_is_left_alone(microphone):
    microphone.tick(*[QUIET] * 12)

    microphone.run(CUT_AFTER_TICKS + 10, QUIET, live=np.array([False]))

    assert microphone.queued == 11


def test_a_lane_watched_again_has_its_first_second(microphone):
    microphone.tick(*[QUIET] * 6)
    microphone.run(WINDOW_TICKS - 2, QUIET)
    microphone.trimmer.watch(microphone.lane)

    microphone.run(WINDOW_TICKS - 1, QUIET)
    assert microphone.dropped == 0

    microphone.tick(QUIET)
    assert microphone.dropped == 1


def test_the_trimmer_follows_a_bank_that_grows(microphone):
    microphone.tick(*[QUIET] * 6)
    microphone.run(10, QUIET)
    second = microphone.bank.open()
    microphone.trimmer.watch(second)

    microphone.run(WINDOW_TICKS, QUIET)

    assert microphone.queued == 1


@settings(max_examples=25)
@given(st.integers(0, 3), st.lists(st.integers(0, 3), min_size=30, max_size=120))
def test_a_lane_that_keeps_running_dry_loses_nothing(depth, arrivals):
    microphone = Microphone(depth)

    for number, count in enumerate(arrivals):
        if number % 25 == 24:
            while microphone.queued:
                microphone.tick()
        microphone.tick(*[QUIET] * min(count, 16 - microphone.queued))

    assert microphone.dropped == 0
