"""Who counts as present."""

import pytest

from app.models import Participant
from app.models.participant import ParticipantStatus


@pytest.mark.parametrize("status", list(ParticipantStatus))
def test_those_connected_or_away_for_a_moment_are_present(status):
    assert Participant(status=status).present is (status in ("connected", "away"))
