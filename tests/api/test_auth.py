"""Who is let in, by key or by session, and what they may do."""

from datetime import timedelta

import pytest
from flask_wtf.csrf import generate_csrf

from app.extensions import db, transaction
from app.models import ApiKey, Tenant, User
from app.models.columns import now
from app.services import keys, tenants, users
from tests.fakes import agent_of


def code(reply):
    return reply.status_code, reply.json["error"]["code"]


@pytest.fixture
def visitor(app, client):
    """A client whose session cookie says that a new user is signed in; knows its CSRF token."""
    with app.test_request_context():
        token = generate_csrf()
        from flask import session

        secret = session["csrf_token"]
        user = users.sign_up(f"{now().timestamp()}@example.org", "a good long password")
    with client.session_transaction() as cookie:
        cookie["user"], cookie["epoch"], cookie["csrf_token"] = str(user.id), 0, secret
    client.user, client.token = user, token
    return client


@pytest.mark.parametrize("header", ["X-API-Key: {}", "Authorization: Bearer {}",
                                    "Authorization: bearer  {}"])  # fmt: skip
def test_a_key_opens_the_api_in_each_of_its_forms(client, tenant, header):
    name, _, value = header.format(tenant.key).partition(": ")

    assert client.get("/api/account", headers={name: value}).status_code == 200


@pytest.mark.parametrize("environment", [None, "live", "test", "rooms"])
def test_every_prefix_works_everywhere(make_account, environment):
    assert make_account(environment=environment).agent.get("/api/account").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "chmd_wrong"},
        {"X-API-Key": "\xff\xfe"},
        {"Authorization": "Basic dXNlcjp3b3Jk"},
        {"Authorization": "Bearer"},
    ],
)
def test_nothing_valid_is_unauthorized(client, headers):
    reply = client.get("/api/account", headers=headers)

    assert code(reply) == (401, "unauthorized")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_in_the_query_opens_nothing_here(client, tenant):
    assert code(client.get(f"/api/account?api_key={tenant.key}")) == (401, "unauthorized")


def test_two_different_keys_are_refused_and_the_same_one_twice_is_fine(client, tenant, other):
    headers = {"X-API-Key": tenant.key, "Authorization": f"Bearer {other.key}"}
    assert code(client.get("/api/account", headers=headers)) == (401, "unauthorized")

    headers["Authorization"] = f"Bearer {tenant.key}"
    assert client.get("/api/account", headers=headers).status_code == 200


def test_a_revoked_key_opens_nothing_from_that_moment(app, agent, tenant):
    with app.app_context():
        keys.revoke(tenant.id, tenant.key_id)

    assert code(agent.get("/api/account")) == (401, "unauthorized")


def test_an_expired_key_opens_nothing(app, agent, tenant):
    with app.app_context(), transaction():
        db.session.get(ApiKey, tenant.key_id).expires_at = now() - timedelta(seconds=1)

    assert code(agent.get("/api/account")) == (401, "unauthorized")


def test_keys_of_an_inactive_tenant_open_nothing(app, agent, tenant):
    with app.app_context(), transaction():
        db.session.get(Tenant, tenant.id).is_active = False

    assert code(agent.get("/api/account")) == (401, "unauthorized")


def test_using_a_key_is_noted_at_most_once_a_minute(app, agent, tenant):
    def used():
        with app.app_context():
            row = db.session.get(ApiKey, tenant.key_id)
            return row.last_used_at, db.session.get(Tenant, tenant.id).last_seen_at

    agent.get("/api/account")
    first = used()
    agent.get("/api/account")

    assert first[0] is not None
    assert first[1] is not None
    assert used() == first


def test_reading_needs_the_read_scope_and_the_rest_the_write_scope(make_account, live):
    reader = make_account(scopes=["calls:read"]).agent
    writer = make_account(scopes=["calls:write"]).agent

    assert reader.get("/api/calls").status_code == 200
    assert code(reader.post("/api/call", json={"platform": "room"})) == (403, "insufficient_scope")
    assert writer.post("/api/call", json={"platform": "room"}).status_code == 201
    assert code(writer.get("/api/calls")) == (403, "insufficient_scope")


def test_changing_the_account_needs_the_manage_scope(make_account):
    reader = make_account(scopes=["account:read"]).agent
    manager = make_account(scopes=["manage:write"]).agent

    assert reader.get("/api/account").status_code == 200
    assert code(reader.patch("/api/account", json={})) == (403, "insufficient_scope")
    assert manager.patch("/api/account", json={}).status_code == 200


def test_a_session_reads_without_more(visitor):
    assert visitor.get("/api/account").status_code == 200


def test_a_session_writes_with_its_csrf_token(visitor):
    headers = {"X-CSRF-Token": visitor.token, "Origin": "http://127.0.0.1:8080"}

    assert visitor.patch("/api/account", json={"name": "New"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "forged"},
        {"Origin": "https://evil.example", "X-CSRF-Token": "own"},
        {"Origin": "null", "X-CSRF-Token": "own"},
    ],
)
def test_a_session_without_its_token_or_from_elsewhere_writes_nothing(visitor, headers):
    if headers.get("X-CSRF-Token") == "own":
        headers = headers | {"X-CSRF-Token": visitor.token}

    reply = visitor.patch("/api/account", json={"name": "New"}, headers=headers)

    assert code(reply) == (403, "csrf_failed")


def test_a_session_dies_with_its_epoch(app, visitor):
    with app.app_context(), transaction():
        db.session.get(User, visitor.user.id).session_epoch += 1

    assert code(visitor.get("/api/account")) == (401, "unauthorized")


@pytest.mark.parametrize("cookie", [{"user": "nobody", "epoch": 0}, {"user": None}, {"user": "x"}])
def test_a_session_of_another_shape_opens_nothing(client, cookie):
    with client.session_transaction() as session:
        session.update(cookie)

    assert code(client.get("/api/account")) == (401, "unauthorized")


def test_a_key_wins_over_the_session_sent_with_it(visitor, tenant):
    reply = visitor.get("/api/account", headers={"X-API-Key": tenant.key})
    assert reply.json["tenant_id"] == str(tenant.id)

    assert code(visitor.get("/api/account", headers={"X-API-Key": "no"})) == (401, "unauthorized")


def test_using_the_dashboard_keeps_the_tenants_calls_from_idling(app, visitor):
    visitor.get("/api/account")

    with app.app_context():
        assert tenants.get(visitor.user.tenant_id).last_seen_at is not None


def test_a_test_key_sees_and_makes_test_rows_only(app, tenant, make_account, live):
    tester = make_account(tenant.id, environment="test").agent
    real = tenant.agent.post("/api/call", json={"platform": "room"}).json["call_id"]
    tried = tester.post("/api/call", json={"platform": "room"}).json["call_id"]

    assert code(tester.get(f"/api/call/{real}")) == (404, "call_not_found")
    assert code(agent_of(app, tenant.key).get(f"/api/call/{tried}")) == (404, "call_not_found")
    assert [call["call_id"] for call in tester.get("/api/calls").json["calls"]] == [tried]
    assert [call["call_id"] for call in tenant.agent.get("/api/calls").json["calls"]] == [real]


def test_a_session_sees_both_kinds_of_rows(app, visitor, make_account, live):
    tenant_id = visitor.user.tenant_id
    for environment in (None, "test"):
        account = make_account(tenant_id, environment=environment)
        account.agent.post("/api/call", json={"platform": "room"})

    assert visitor.get("/api/calls").json["total"] == 2
