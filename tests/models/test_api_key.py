"""When a key opens something."""

from datetime import timedelta

from app.models import ApiKey
from app.models.columns import now


def test_a_key_lives_until_it_is_revoked_or_expires():
    at = now()

    assert ApiKey().is_live(at) is True
    assert ApiKey(revoked_at=at).is_live(at) is False
    assert ApiKey(expires_at=at).is_live(at) is False
    assert ApiKey(expires_at=at + timedelta(milliseconds=1)).is_live(at) is True
