"""API keys, managed over REST."""

import re
from datetime import timedelta

import pytest

from app import ids, tokens
from app.api.fields import moment
from app.extensions import db
from app.models import ApiKey
from app.models.columns import now
from app.services import keys
from tests.fakes import agent_of


def code(reply):
    return reply.status_code, reply.json["error"]["code"]


def names(agent):
    return {key["name"] for key in agent.get("/api/keys").json["keys"]}


def test_a_new_key_is_shown_once_and_kept_as_a_hash(app, agent):
    reply = agent.post("/api/keys", json={"name": "CI"})

    assert reply.status_code == 201
    made = reply.json
    assert re.fullmatch(r"chmd_[A-Za-z0-9_-]{43}", made["key"])
    assert made["last_four"] == made["key"][-4:]
    assert list(made) == [
        "id", "name", "prefix", "last_four", "environment", "scopes", "created_at",
        "last_used_at", "expires_at", "key",
    ]  # fmt: skip
    assert made["key"] not in agent.get("/api/keys").text
    with app.app_context():
        row = db.session.get(ApiKey, ids.parse("key", made["id"]))
        assert row.key_hash == tokens.digest(made["key"])
    assert agent_of(app, made["key"]).get("/api/account").status_code == 200


@pytest.mark.parametrize(("environment", "prefix"), [("live", "sk_live_"), ("test", "sk_test_")])
def test_the_environment_shows_in_the_prefix(agent, environment, prefix):
    made = agent.post("/api/keys", json={"name": "x", "environment": environment}).json

    assert made["key"].startswith(prefix)
    assert (made["prefix"], made["environment"]) == (prefix, environment)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": "calls:read"}, "scopes"),
        ({"name": "x", "scopes": ["calls:fly"]}, "scopes.0"),
        ({"name": "x", "environment": "prod"}, "environment"),
        ({"name": "x", "expires_at": "soon"}, "expires_at"),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
    ],
)
def test_a_key_of_the_wrong_shape_names_the_field(agent, body, field):
    reply = agent.post("/api/keys", json=body)

    assert code(reply) == (400, "invalid_request")
    assert list(reply.json["error"]["fields"]) == [field]


def test_nobody_gives_away_what_they_do_not_have(app, make_account):
    maker = make_account(scopes=["manage:write", "manage:read", "calls:read"]).agent

    refused = maker.post("/api/keys", json={"name": "x", "scopes": ["calls:write"]})
    default = maker.post("/api/keys", json={"name": "x"}).json

    assert code(refused) == (403, "insufficient_scope")
    assert default["scopes"] == ["calls:read", "manage:read", "manage:write"]


def test_a_key_with_all_scopes_may_make_another_with_all(agent):
    assert agent.post("/api/keys", json={"name": "x"}).json["scopes"] == list(keys.SCOPES)


def test_an_expiry_is_kept_and_takes_effect(app, agent, monkeypatch):
    at = now() + timedelta(hours=1)
    made = agent.post("/api/keys", json={"name": "x", "expires_at": moment(at)}).json
    assert made["expires_at"] == moment(at)
    reader = agent_of(app, made["key"])
    assert reader.get("/api/account").status_code == 200

    monkeypatch.setattr("app.services.keys.now", lambda: at)

    assert code(reader.get("/api/account")) == (401, "unauthorized")
    assert "x" not in names(agent)


def test_live_keys_of_the_own_tenant_are_listed_newest_first(agent, other):
    for name in ("one", "two"):
        agent.post("/api/keys", json={"name": name})

    found = [key["name"] for key in agent.get("/api/keys").json["keys"]]

    assert found == ["two", "one", "test"]
    assert names(other.agent) == {"test"}


def test_a_revoked_key_is_gone_and_cannot_be_revoked_again(app, agent):
    made = agent.post("/api/keys", json={"name": "x"}).json

    assert agent.delete(f"/api/keys/{made['id']}").status_code == 204

    assert code(agent_of(app, made["key"]).get("/api/account")) == (401, "unauthorized")
    assert code(agent.delete(f"/api/keys/{made['id']}")) == (404, "not_found")
    assert names(agent) == {"test"}


def test_a_key_may_revoke_itself(agent, tenant):
    assert agent.delete(f"/api/keys/{ids.public('key', tenant.key_id)}").status_code == 204
    assert code(agent.get("/api/keys")) == (401, "unauthorized")


def test_another_tenants_key_is_not_found(agent, other):
    for key_id in (ids.public("key", other.key_id), "key_x", "nonsense"):
        assert code(agent.delete(f"/api/keys/{key_id}")) == (404, "not_found")
    assert other.agent.get("/api/keys").status_code == 200


def test_a_test_key_makes_sees_and_revokes_test_keys_only(agent, tenant, make_account):
    tester = make_account(tenant.id, environment="test").agent

    made = tester.post("/api/keys", json={"name": "mine"}).json
    refused = tester.post("/api/keys", json={"name": "x", "environment": "live"})
    live_id = ids.public("key", tenant.key_id)

    assert made["environment"] == "test"
    assert code(refused) == (403, "insufficient_scope")
    assert all(key["environment"] == "test" for key in tester.get("/api/keys").json["keys"])
    assert code(tester.delete(f"/api/keys/{live_id}")) == (404, "not_found")
    assert agent.delete(f"/api/keys/{made['id']}").status_code == 204
