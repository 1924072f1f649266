"""Field types: what they take and what they write."""

import uuid
from datetime import UTC, datetime

import pytest
from marshmallow import ValidationError

from app import ids
from app.api.fields import Flag, Key, Moment, PublicId


@pytest.mark.parametrize("value", ["true", 1, 0, "", [], None])
def test_only_a_boolean_is_a_flag(value):
    with pytest.raises(ValidationError):
        Flag().deserialize(value)


def test_flags_keep_their_value():
    assert Flag().deserialize(True) is True
    assert Flag().deserialize(False) is False


@pytest.mark.parametrize(
    "text", ["2026-03-13T10:00:00Z", "2026-03-13T11:00:00+01:00", "2026-03-13T10:00:00"]
)
def test_times_are_read_into_utc(text):
    assert Moment().deserialize(text) == datetime(2026, 3, 13, 10, tzinfo=UTC)


@pytest.mark.parametrize("value", ["soon", "", 5, [], "0001-01-01T00:00:00+23:00"])
def test_what_is_no_time_is_refused(value):
    with pytest.raises(ValidationError):
        Moment().deserialize(value)


def test_rows_are_shown_by_prefixed_ids_or_bare_uuids():
    key = ids.new()

    assert PublicId("call").serialize("id", {"id": key}) == ids.public("call", key)
    assert Key().serialize("id", {"id": key}) == str(uuid.UUID(int=key.int))
    assert Key().serialize("id", {"id": None}) is None
