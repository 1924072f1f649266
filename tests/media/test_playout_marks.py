import numpy as np
import pytest

from app.media.marks import Released
from app.media.playout import PlayoutQueue

NATIVE = 8000
FRAME = 160


def pcm(*values):
    return np.array(values, "<i2").tobytes()


def frames(count, value=1):
    return pcm(*[value] * (count * FRAME))


@pytest.fixture
def queue():
    return PlayoutQueue(NATIVE)


def pull_all(queue):
    """Pull until the queue is empty; return the frames, ticks of waiting left out."""
    pulled = []
    while queue.queued:
        frame = queue.pull()
        if frame is not None:
            pulled.append(frame)
    return np.concatenate(pulled) if pulled else np.empty(0, np.int16)


def test_a_mark_on_an_empty_queue_is_released_at_once(queue):
    queue.mark("a")

    assert queue.released() == [Released("a", 0)]
    assert queue.released() == []


def test_a_mark_waits_behind_the_audio_before_it(queue):
    queue.feed(frames(2))
    queue.mark("a")
    queue.feed(frames(1))
    queue.mark("b")

    names = []
    for _ in range(3):
        queue.pull()
        names.append([(mark.name, mark.played_ms) for mark in queue.released()])

    assert names == [[], [("a", 40)], [("b", 60)]]


def test_a_mark_waits_for_the_rest_of_resampled_audio():
    queue = PlayoutQueue(48000)
    queue.configure(24000)
    queue.feed(bytes(960))
    queue.mark("a")

    assert queue.pull() is not None
    assert queue.released() == []
    pull_all(queue)
    assert queue.released() == [Released("a", 20)]


def test_a_mark_waits_behind_frames_in_the_ring(queue):
    queue.mark("ring", extra=2)
    queue.feed(frames(1))
    queue.mark("queue", extra=2)
    assert queue.marks == 2

    queue.passed()
    assert queue.released() == []
    queue.passed()
    assert queue.released() == [Released("ring", 40)]
    queue.pull()
    assert queue.released() == [Released("queue", 60)]


def test_a_mark_whose_audio_was_dropped_is_not_kept_waiting():
    queue = PlayoutQueue(NATIVE, seconds=0.02)
    queue.feed(frames(1))
    queue.mark("a")

    queue.feed(frames(1))

    assert queue.released() == [Released("a", 0)]


def test_clear_stops_everything_and_tells_what_it_stopped(queue):
    queue.feed(frames(3))
    queue.mark("a")
    queue.mark("b")
    queue.pull()
    queue.feed(b"\1")

    cleared = queue.clear()

    assert (cleared.played, cleared.discarded, cleared.marks) == (FRAME, 2 * FRAME, ["a", "b"])
    assert queue.pull() is None
    assert (queue.queued, queue.dropped, queue.marks) == (0, 0, 0)
    queue.feed(frames(1, 4))
    assert set(queue.pull().tolist()) == {4}


def test_clear_of_nothing_is_zeros(queue):
    cleared = queue.clear()

    assert (cleared.played, cleared.discarded, cleared.marks) == (0, 0, [])


def test_clear_counts_from_when_the_queue_ran_empty(queue):
    queue.feed(frames(2))
    pull_all(queue)
    queue.pull()
    queue.feed(frames(3))
    queue.pull()

    assert queue.clear().played == FRAME
    assert queue.clear().played == 0
    assert queue.played == 3 * FRAME


def test_clear_counts_frames_the_ring_played_without_a_gap(queue):
    queue.passed(10, streak=4)
    queue.feed(frames(2))
    queue.pull()

    assert queue.clear().played == 5 * FRAME
    assert queue.played == 11 * FRAME


def test_clear_discards_a_resamplers_rest():
    queue = PlayoutQueue(48000)
    queue.configure(24000)
    queue.feed(bytes(960 * 2))
    queue.pull()

    cleared = queue.clear()

    assert cleared.played + cleared.discarded == 2 * 960
    assert queue.pull() is None
