"""Column shapes that every table shares."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.extensions import db, transaction
from app.models import Tenant
from app.models.columns import now
from app.services import tenants
from tests.databases import on_both_databases

NOON = datetime(2026, 3, 13, 12, 0, 0, 123_000, tzinfo=UTC)


def test_the_present_is_in_utc_and_ends_at_the_millisecond():
    at = now()

    assert at.tzinfo is UTC
    assert at.microsecond % 1000 == 0


@on_both_databases
@pytest.mark.parametrize("at", [NOON, NOON.astimezone(timezone(timedelta(hours=2)))])
def test_a_moment_comes_back_in_utc_as_the_same_moment(context, at):
    tenant = tenants.create("Acme")
    with transaction():
        tenant.last_seen_at = at

    found = db.session.get(Tenant, tenant.id, populate_existing=True).last_seen_at

    assert found == NOON
    assert found.utcoffset() == timedelta(0)


@on_both_databases
def test_json_comes_back_as_it_was(context):
    tenant = tenants.create("Acme")
    with transaction():
        tenant.config = {"a": [1, None, "\u00e9"]}

    assert db.session.get(Tenant, tenant.id, populate_existing=True).config == {
        "a": [1, None, "\u00e9"]
    }
