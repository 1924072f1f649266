"""The states of a call."""

import pytest

from app.models import Call
from app.models.call import LIVE_STATES, TERMINAL_STATES, CallState


@pytest.mark.parametrize("state", list(CallState))
def test_a_call_is_over_in_the_terminal_states(state):
    assert Call(state=state).over is (state in ("ended", "refused", "missed"))


def test_every_state_is_live_or_terminal():
    assert sorted([*LIVE_STATES, *TERMINAL_STATES]) == sorted(CallState)
