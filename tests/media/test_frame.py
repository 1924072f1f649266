import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.frame import Frame, samples


@pytest.mark.parametrize(("rate", "count"), [(8000, 160), (16000, 320), (44100, 882), (48000, 960)])
def test_a_frame_lasts_20_ms(rate, count):
    assert samples(rate) == count


@pytest.mark.parametrize("rate", [0, -8000, 7950, 48050, 22051])
def test_a_rate_without_whole_frames_is_refused(rate):
    with pytest.raises(ValueError, match=str(rate)):
        samples(rate)


@given(st.integers(160, 960))
def test_fifty_frames_are_a_second(count):
    assert samples(count * 50) * 50 == count * 50


def test_a_frame_cannot_be_changed():
    frame = Frame(np.zeros(160, np.int16), 8000)

    with pytest.raises(dataclasses.FrozenInstanceError):
        frame.rate = 16000
