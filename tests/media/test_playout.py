import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.media.playout import PATIENCE_TICKS, PlayoutQueue

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


def test_an_empty_queue_plays_nothing(queue):
    assert queue.pull() is None


def test_pieces_are_cut_into_frames(queue):
    queue.feed(pcm(*range(100)))
    queue.feed(pcm(*range(100, 320)))

    assert queue.pull().tolist() == list(range(160))
    assert queue.pull().tolist() == list(range(160, 320))
    assert queue.pull() is None
    assert (queue.played, queue.queued) == (320, 0)


def test_an_odd_byte_waits_for_the_next_piece(queue):
    data = pcm(*range(FRAME))
    queue.feed(data[:11])
    queue.feed(data[11:14])
    queue.feed(data[14:])

    assert queue.pull().tolist() == list(range(FRAME))


def test_a_single_byte_is_no_audio(queue):
    queue.feed(b"\1")

    assert queue.queued == 0
    assert queue.pull() is None


def test_a_rest_waits_two_ticks_and_is_padded(queue):
    queue.feed(pcm(*[5] * (FRAME + 10)))
    queue.pull()

    pulled = [queue.pull() for _ in range(4)]

    assert pulled[:2] == [None, None]
    assert pulled[2].tolist() == [5] * 10 + [0] * 150
    assert pulled[3] is None
    assert queue.played == FRAME + 10


def test_a_rest_that_is_completed_in_time_plays_at_once(queue):
    queue.feed(pcm(*[5] * 10))
    assert queue.pull() is None

    queue.feed(pcm(*[6] * 150))

    assert queue.pull().tolist() == [5] * 10 + [6] * 150


def test_drops_of_audio_do_not_prolong_the_wait(queue):
    pulled = []
    for _ in range(PATIENCE_TICKS + 1):
        queue.feed(pcm(1))
        pulled.append(queue.pull())

    assert pulled[:2] == [None, None]
    assert pulled[2][:4].tolist() == [1, 1, 1, 0]


def test_each_pause_has_its_own_wait(queue):
    for _ in range(2):
        queue.feed(pcm(1))
        assert [queue.pull() is None for _ in range(4)] == [True, True, False, True]


@pytest.mark.parametrize("rate", [16000, 24000, 44100, 48000])
def test_another_rate_plays_as_long_as_it_lasts(queue, rate):
    queue.configure(rate)

    queue.feed(bytes(rate * 2))

    assert queue.queued == NATIVE
    pull_all(queue)
    assert queue.played == NATIVE


def test_a_resampled_stream_in_real_time_plays_on_every_tick():
    queue = PlayoutQueue(48000)
    queue.configure(24000)

    for _ in range(20):
        queue.feed(bytes(960))
        assert len(queue.pull()) == 960


def test_the_end_of_resampled_speech_is_heard():
    queue = PlayoutQueue(48000)
    queue.configure(24000)
    queue.feed(pcm(*[1000] * 480))

    heard = pull_all(queue)

    assert len(heard) == 2 * 960
    assert heard.astype(float).sum() / 1000 == pytest.approx(960, rel=0.01)


def test_audio_queued_before_a_new_rate_keeps_its_own(queue):
    queue.feed(frames(1, 7))
    queue.configure(16000)
    queue.feed(bytes(2 * 320))

    assert queue.queued == 2 * FRAME
    assert set(queue.pull().tolist()) == {7}


def test_a_new_rate_discards_half_a_sample(queue):
    queue.feed(b"\7")
    queue.configure(NATIVE)
    queue.feed(frames(1, 2))

    assert set(queue.pull().tolist()) == {2}


def test_a_bad_rate_changes_nothing(queue):
    queue.feed(b"\7")

    with pytest.raises(ValueError, match="7000"):
        queue.configure(7000)

    assert queue.rate == NATIVE
    queue.feed(b"\0" + frames(1, 7))
    assert set(queue.pull().tolist()) == {7}


def test_a_message_may_have_a_rate_of_its_own(queue):
    queue.feed_at(16000, bytes(2 * 320))
    queue.feed(frames(1, 3))

    assert queue.queued == 2 * FRAME
    assert pull_all(queue).tolist().count(3) == FRAME
    assert queue.rate == NATIVE


def test_a_message_leaves_half_a_sample_of_the_stream_waiting(queue):
    queue.feed(b"\5")
    queue.feed_at(NATIVE, frames(1, 9))
    queue.feed(b"\0")

    assert queue.queued == FRAME + 1


@pytest.mark.parametrize(("rate", "data"), [(8000, b"\1\0\1"), (7000, b"\1\0"), (48001, b"")])
def test_a_bad_message_plays_not_at_all(queue, rate, data):
    with pytest.raises(ValueError, match="sample"):
        queue.feed_at(rate, data)

    assert queue.queued == 0


def test_the_oldest_audio_goes_beyond_the_bound():
    queue = PlayoutQueue(NATIVE, seconds=0.04)

    assert queue.feed(frames(2, 1)) == 0
    assert queue.feed(frames(1, 2)) == FRAME

    assert (queue.dropped, queue.queued) == (FRAME, 2 * FRAME)
    assert pull_all(queue).tolist() == [1] * FRAME + [2] * FRAME


def test_the_bound_holds_for_one_huge_piece_of_another_rate():
    queue = PlayoutQueue(48000, seconds=1)
    queue.configure(8000)

    queue.feed(bytes(1 << 20))

    assert queue.queued == 48000
    assert queue.dropped == (1 << 19) * 6 - 48000


def test_two_minutes_are_kept_by_default(queue):
    queue.feed(bytes(2 * NATIVE * 121))

    assert queue.queued == NATIVE * 120


@settings(max_examples=60, deadline=None)
@given(
    native=st.sampled_from([8000, 16000, 48000]),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("feed"), st.integers(0, 4001)),
            st.tuples(st.just("rate"), st.sampled_from([8000, 11050, 24000, 44100, 48000])),
            st.tuples(st.just("pull"), st.integers(1, 5)),
            st.tuples(st.just("mark"), st.just(0)),
        ),
        max_size=25,
    ),
)
def test_no_sample_and_no_mark_is_lost(native, steps):
    queue = PlayoutQueue(native)
    entered = marks = 0

    for what, number in steps:
        if what == "feed":
            before = queue.queued
            queue.feed(bytes(number))
            entered += queue.queued - before
        elif what == "rate":
            queue.configure(number)
        elif what == "pull":
            for _ in range(number):
                queue.pull()
        else:
            queue.mark(str(marks))
            marks += 1
    pull_all(queue)

    assert queue.played == entered
    assert [mark.name for mark in queue.released()] == [str(number) for number in range(marks)]
