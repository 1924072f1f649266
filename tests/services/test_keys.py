"""API keys: made, recognised, revoked."""

from datetime import timedelta

import pytest

from app import bus, ids, tokens
from app.errors import InvalidRequest, NotFound
from app.extensions import db
from app.models import ApiKey, Tenant
from app.models.columns import now
from app.services import keys


def test_a_key_is_recognised_by_its_hash_alone(context, tenant):
    row, key = keys.create(tenant.id, "x")

    assert keys.identify(key).id == row.id
    assert row.key_hash == tokens.digest(key)
    assert keys.identify(key + "x") is None
    assert keys.identify("") is None


def test_the_text_of_the_first_key_can_be_chosen(context, tenant):
    chosen = f"own-{ids.new()}"

    row, key = keys.create(tenant.id, "x", key=chosen)

    assert (key, row.prefix, row.last_four) == (chosen, "own-", chosen[-4:])
    assert keys.identify(chosen).id == row.id


@pytest.mark.parametrize("wrong", [{"scopes": ["fly"]}, {"expires_at": now()}])
def test_a_key_with_unknown_scopes_or_past_expiry_is_refused(context, tenant, wrong):
    with pytest.raises(InvalidRequest) as caught:
        keys.create(tenant.id, "x", **wrong)

    assert list(caught.value.fields) == list(wrong)


def test_revoking_tells_the_open_sockets(context, tenant):
    listener = bus.current().redis.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(f"{bus.PREFIX}:revoked")
    listener.get_message(timeout=1)

    keys.revoke(tenant.id, tenant.key_id)

    assert listener.get_message(timeout=5)["data"] == f'"{tenant.key_id}"'
    listener.close()


def test_revoking_works_without_redis(context, tenant, configure):
    configure(redis_url="unix:///nowhere/redis.sock")

    keys.revoke(tenant.id, tenant.key_id)

    assert keys.identify(tenant.key) is None


@pytest.mark.parametrize("whose", ["nobody", "other", "revoked"])
def test_what_cannot_be_revoked_is_not_found(context, tenant, other, whose):
    key_id = {"nobody": None, "other": other.key_id, "revoked": tenant.key_id}[whose]
    if whose == "revoked":
        keys.revoke(tenant.id, key_id)

    with pytest.raises(NotFound):
        keys.revoke(tenant.id, key_id)


def test_sockets_learn_which_of_their_keys_are_dead(context, tenant):
    expired, _ = keys.create(tenant.id, "x", expires_at=now() + timedelta(milliseconds=1))
    alive, _ = keys.create(tenant.id, "x")
    keys.revoke(tenant.id, tenant.key_id)
    gone = ids.new()

    found = keys.revoked_among([tenant.key_id, alive.id, gone])
    assert found == {tenant.key_id, gone}

    expired.expires_at = now() - timedelta(seconds=1)
    assert expired.is_live(now()) is False
    db.session.rollback()


def test_use_is_written_again_after_a_minute(context, tenant, monkeypatch):
    keys.used(keys.identify(tenant.key))
    first = db.session.get(ApiKey, tenant.key_id, populate_existing=True).last_used_at
    assert db.session.get(Tenant, tenant.id, populate_existing=True).last_seen_at == first

    later = now() + timedelta(seconds=61)
    monkeypatch.setattr("app.services.keys.now", lambda: later)
    keys.used(keys.identify(tenant.key))

    assert db.session.get(ApiKey, tenant.key_id, populate_existing=True).last_used_at == later
