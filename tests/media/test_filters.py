import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.media.filters import design

RATES = st.integers(160, 960).map(lambda count: count * 50)


@pytest.mark.parametrize(
    ("source", "target", "period_in", "period_out"),
    [(8000, 48000, 1, 6), (48000, 8000, 6, 1), (44100, 48000, 147, 160), (47950, 48000, 959, 960)],
)
def test_phases_repeat_after_the_reduced_ratio(source, target, period_in, period_out):
    filter_ = design(source, target)

    assert (filter_.period_in, filter_.period_out) == (period_in, period_out)


def test_a_rate_without_whole_frames_is_refused():
    with pytest.raises(ValueError, match="22051"):
        design(48000, 22051)


@settings(max_examples=30, deadline=None)
@given(RATES, RATES)
def test_every_pair_has_a_short_delay_and_passes_a_constant_unchanged(source, target):
    filter_ = design.__wrapped__(source, target)

    assert 0 < filter_.delay / target <= 0.005
    assert np.allclose(filter_.weights.sum(axis=1), 1, atol=1e-5)
    assert filter_.step_in % filter_.period_in == 0
    assert filter_.step_in * target == filter_.step_out * source
