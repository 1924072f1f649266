"""Whose token opens what."""

import pytest
from jwt import encode

from app import tokens
from app.extensions import db
from app.models import Participant, Tenant


def look(client, place, **headers):
    return client.get(f"/api/v1/rooms/{place.id}", headers=headers)


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "missing credentials"),
        ({"Authorization": "Basic abc"}, "invalid authorization header format"),
        ({"Authorization": "Bearer"}, "invalid authorization header format"),
        ({"Authorization": "Bearer a.b.c"}, "invalid token"),
        ({"Authorization": "Bearer nonsense"}, "invalid API key"),
        ({"X-API-Key": "nonsense"}, "invalid API key"),
        ({"X-API-Key": "one", "Authorization": "Bearer two"}, "conflicting credentials"),
    ],
)
def test_a_bad_credential_is_told_for_what_it_is(client, place, headers, text):
    reply = look(client, place, **headers)

    assert (reply.status_code, reply.json) == (401, {"error": text})
    assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_a_tenants_key_has_no_way_in_here_yet(client, place, tenant):
    reply = look(client, place, **{"X-API-Key": tenant.key})

    assert (reply.status_code, reply.json) == (403, {"error": "insufficient permissions"})


def test_a_token_of_another_algorithm_or_key_is_invalid(app, client, place):
    claims = {"sub": "x", "type": "access", "exp": 2_000_000_000, "iat": 0, "iss": "patchbay"}
    forged = (
        encode(claims, "x" * 64, algorithm="HS512"),
        encode(claims, "x" * 32, algorithm="HS256"),
    )

    for token in forged:
        reply = look(client, place, Authorization=f"Bearer {token}")
        assert (reply.status_code, reply.json) == (401, {"error": "invalid token"})


def test_an_old_token_says_that_it_is_old(app, client, place, monkeypatch):
    monkeypatch.setattr(tokens, "ACCESS_SECONDS", -1)
    with app.app_context():
        token = tokens.issue_access({"sub": "x"})

    reply = look(client, place, Authorization=f"Bearer {token}")

    assert (reply.status_code, reply.json) == (401, {"error": "token has expired"})


def test_a_token_without_a_room_may_do_nothing_here(app, client, place, tenant):
    with app.app_context():
        token = tokens.issue_access({"sub": str(tenant.id), "tenant_id": str(tenant.id)})

    reply = look(client, place, Authorization=f"Bearer {token}")

    assert (reply.status_code, reply.json) == (403, {"error": "insufficient permissions"})


def test_an_inactive_tenants_guests_are_out(app, client, place, tenant, guest):
    with app.app_context():
        db.session.get(Tenant, tenant.id).is_active = False
        db.session.commit()

    reply = look(client, place, **guest)

    assert (reply.status_code, reply.json) == (401, {"error": "tenant not found or inactive"})


def test_a_participant_whose_row_is_gone_is_out(app, client, place, joined):
    with app.app_context():
        db.session.query(Participant).filter_by(display_name="Ana").delete()
        db.session.commit()

    reply = look(client, place, Authorization=f"Bearer {joined['access_token']}")

    assert (reply.status_code, reply.json) == (401, {"error": "token has been revoked"})


def test_requests_are_counted_per_subject(client, place, guest):
    reply = look(client, place, **guest)

    assert reply.headers["X-RateLimit-Limit"] == "300"
    assert reply.headers["X-RateLimit-Remaining"] == "299"
