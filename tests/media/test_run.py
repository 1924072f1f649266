import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.run import BLOCK_BYTES, Run


def pcm(*values):
    return np.array(values, "<i2").tobytes()


def drain(run):
    """Return all that a run still gives and how much of it is lead."""
    parts = []
    while run.waiting:
        parts.append(run.convert())
    parts.append(run.finish())
    made = np.concatenate([part for part, _ in parts])
    return made.tolist(), sum(lead for _, lead in parts)


def test_samples_of_the_native_rate_come_out_as_they_are():
    run = Run(8000, 8000)

    assert run.feed(pcm(1, 2)) == 2
    assert run.feed(pcm(3)) == 1
    assert drain(run) == ([1, 2, 3], 0)
    assert run.rest == 0


def test_no_more_than_a_frame_is_converted_at_once():
    run = Run(8000, 8000)
    run.feed(bytes(1000))

    made, _ = run.convert()

    assert len(made) == 160
    assert (run.waiting, run.rest) == (340, 340)


@pytest.mark.parametrize(
    ("rate", "fed", "length"), [(24000, 101, 202), (48000, 3, 2), (8000, 1, 4)]
)
def test_the_length_is_in_native_samples_rounded_up_once(rate, fed, length):
    native = 48000 if rate == 24000 else 32000
    run = Run(rate, native)

    grown = sum(run.feed(pcm(1)) for _ in range(fed))
    made, lead = drain(run)

    assert grown == run.length == length
    assert len(made) - lead == length


def test_the_oldest_samples_are_dropped():
    run = Run(8000, 8000)
    run.feed(pcm(1, 2, 3, 4))

    assert run.drop(3) == 3
    assert run.drop(3) == 1
    assert drain(run) == ([], 0)


def test_a_drop_is_rounded_up_to_a_whole_sample():
    run = Run(8000, 48000)
    run.feed(pcm(1, 2, 3))

    assert run.drop(7) == 12
    assert run.length == 6


@given(st.lists(st.integers(1, BLOCK_BYTES), min_size=1, max_size=12), st.integers(0, 50000))
def test_pieces_of_any_size_keep_their_order(sizes, dropped):
    values = np.arange(sum(sizes)).astype(np.int16)
    run = Run(48000, 48000)
    for piece in np.split(values, np.cumsum(sizes)[:-1]):
        run.feed(piece.astype("<i2").tobytes())

    run.drop(dropped)

    assert drain(run)[0] == values[dropped:].tolist()
