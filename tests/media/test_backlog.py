import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.media.backlog import MOST_RUNS, Backlog

NATIVE = 16000


def pcm(*values):
    return np.array(values, "<i2").tobytes()


@pytest.fixture
def backlog():
    return Backlog(NATIVE)


def test_audio_comes_out_in_the_order_it_came(backlog):
    backlog.append(NATIVE, pcm(1, 2))
    backlog.separate()
    backlog.append(NATIVE, pcm(3))

    assert backlog.convert(3) == 3
    assert backlog.take(2)[0].tolist() == [1, 2]
    assert backlog.take(2)[0].tolist() == [3]
    assert backlog.length == 0


def test_less_is_ready_than_wanted_until_there_is_more(backlog):
    backlog.append(NATIVE, pcm(1, 2))

    assert backlog.convert(3) == 2
    backlog.append(NATIVE, pcm(3))
    assert backlog.convert(3) == 3


def test_a_resampler_gives_its_rest_when_the_rate_changes(backlog):
    backlog.append(8000, bytes(2 * 160))
    backlog.append(NATIVE, pcm(7))

    ready = backlog.convert(1000)
    taken, length = backlog.take(ready)

    assert length == 321
    assert taken[-1] == 7


def test_a_resampler_keeps_its_rest_while_more_may_come(backlog):
    backlog.append(8000, bytes(2 * 160))

    assert backlog.convert(1000) == 320
    backlog.take(320)
    assert backlog.length > 0

    left = backlog.length
    assert backlog.convert(1000, finish=True) == left
    assert backlog.take(1000)[1] == left
    assert backlog.length == 0


def test_the_oldest_runs_are_dropped_first(backlog):
    backlog.append(NATIVE, pcm(1, 2))
    backlog.append(8000, pcm(0))
    backlog.separate()
    backlog.append(NATIVE, pcm(3, 4))

    assert backlog.drop(5) == 5

    backlog.convert(10)
    assert backlog.take(10)[0].tolist() == [4]


def test_nothing_is_dropped_without_an_excess(backlog):
    backlog.append(NATIVE, pcm(1, 2))

    assert backlog.drop(0) == backlog.drop(-5) == 0


def test_dropping_more_than_there_is_empties_it(backlog):
    backlog.append(8000, bytes(800))
    backlog.convert(100)
    backlog.take(50)

    backlog.drop(10**6)
    backlog.take(10**6)

    assert backlog.length == 0


def test_a_rate_that_changes_with_every_sample_is_bounded(backlog):
    for number in range(MOST_RUNS + 500):
        backlog.append(8000 + 50 * (number % 2), pcm(1))
        backlog.drop(0)

    assert backlog.length <= 2 * MOST_RUNS


def test_clear_tells_how_much_there_was(backlog):
    backlog.append(8000, bytes(200))
    backlog.convert(10)

    assert backlog.clear() == 200
    assert backlog.clear() == backlog.convert(10, finish=True) == 0


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([8000, NATIVE, 24000, 44100]), st.integers(1, 900), st.integers(0, 700)
        ),
        max_size=10,
    )
)
def test_all_that_is_appended_is_taken(pieces):
    backlog = Backlog(NATIVE)
    appended = taken = 0

    for rate, count, wanted in pieces:
        appended += backlog.append(rate, bytes(2 * count))
        backlog.convert(wanted)
        taken += backlog.take(wanted)[1]
    while backlog.convert(320, finish=True):
        taken += backlog.take(320)[1]

    assert taken == appended
    assert backlog.length == 0
