import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.frame import Frame
from app.media.mixer import CHUNK_ROWS, group_rooms, mix_minus, mix_rooms


def frames(**voices):
    return {name: Frame(np.array(pcm, np.int16), 8000) for name, pcm in voices.items()}


def test_everybody_hears_the_others_and_not_themselves():
    heard = mix_minus(frames(a=[1, 0, -5], b=[10, 20, 0], c=[100, 0, 0]))

    assert heard["a"].pcm.tolist() == [110, 20, 0]
    assert heard["b"].pcm.tolist() == [101, 0, -5]
    assert heard["c"].pcm.tolist() == [11, 20, -5]
    assert heard["a"].rate == 8000


def test_loud_sums_saturate():
    heard = mix_minus(frames(a=[30000, -30000], b=[30000, -30000], c=[1, 1]))

    assert heard["c"].pcm.tolist() == [32767, -32768]
    assert heard["a"].pcm.tolist() == [30001, -29999]


def test_one_alone_hears_silence_and_nobody_hears_nothing():
    assert mix_minus(frames(a=[7]))["a"].pcm.tolist() == [0]
    assert mix_minus({}) == {}


def test_frames_of_different_lengths_do_not_mix():
    with pytest.raises(ValueError, match="share"):
        mix_minus(frames(a=[1, 2], b=[1]))


def test_frames_of_different_rates_do_not_mix():
    pcm = np.zeros(160, np.int16)

    with pytest.raises(ValueError, match="share"):
        mix_minus({"a": Frame(pcm, 8000), "b": Frame(pcm, 16000)})


def test_rooms_are_grouped_by_size():
    groups = group_rooms([[5, 1, 2], [0], [], [3, 4], [6, 7]])

    assert [group.tolist() for group in groups] == [[[0]], [[3, 4], [6, 7]], [[5, 1, 2]]]


def test_two_hear_each_other_verbatim():
    current = np.array([[32767, -32768], [1, 2]], np.int16)
    out = np.empty_like(current)

    mix_rooms(current, group_rooms([[0, 1]]), out)

    assert out.tolist() == [[1, 2], [32767, -32768]]


def test_rows_in_no_room_are_left_alone():
    out = np.full((3, 1), 9, np.int16)

    mix_rooms(np.ones((3, 1), np.int16), group_rooms([[1]]), out)

    assert out[:, 0].tolist() == [9, 0, 9]


@given(
    sizes=st.lists(st.integers(1, 6), max_size=12),
    seed=st.integers(0, 2**32 - 1),
)
def test_all_rooms_at_once_give_what_each_room_gives(sizes, seed):
    assert_like_reference(sizes, seed)


@pytest.mark.parametrize("size", [2, 3, CHUNK_ROWS + 1])
def test_more_rooms_than_fit_one_chunk_are_mixed_too(size):
    assert_like_reference([size] * (2 * CHUNK_ROWS // size + 2), seed=1)


def assert_like_reference(sizes, seed):
    """Mix rooms of these sizes, their members scattered over the rows, both ways."""
    random = np.random.default_rng(seed)
    rows = random.permutation(sum(sizes))
    rooms = np.split(rows, np.cumsum(sizes)[:-1]) if sizes else []
    current = random.integers(-32768, 32768, (len(rows), 3), dtype=np.int16)
    out = np.empty_like(current)

    mix_rooms(current, group_rooms(rooms), out)

    for room in rooms:
        expected = mix_minus({str(row): Frame(current[row], 8000) for row in room})
        for row in room:
            assert out[row].tolist() == expected[str(row)].pcm.tolist()
