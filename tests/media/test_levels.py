import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.levels import FLOOR, dbfs, loudest, peaks


def test_the_peak_of_a_row_is_its_largest_magnitude():
    levels = peaks(np.array([[0, 16384, -100], [-32768, 0, 0], [0, 0, 0]], np.int16))

    assert levels.tolist() == [pytest.approx(-6.0206), 0.0, FLOOR]


def test_the_smallest_sound_is_at_the_floor():
    assert dbfs([0, 1]).tolist() == [FLOOR, FLOOR]


def test_no_rows_give_no_levels():
    assert peaks(np.empty((0, 160), np.int16)).tolist() == []


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=20))
def test_magnitudes_do_not_wrap(pcm):
    assert loudest(np.array([pcm], np.int16)).tolist() == [max(abs(one) for one in pcm)]
