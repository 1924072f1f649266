"""The guest link's token and what it is exchanged for."""

from datetime import timedelta

import pytest

from app import tokens
from app.extensions import db
from app.models import JoinToken
from app.models.columns import now
from app.services import rooms
from tests.databases import on_both_databases

EXCHANGE = "/api/v1/public/join-token/exchange"


@on_both_databases
def test_a_link_is_worth_an_hour_in_its_room(app, client, place, tenant):
    reply = client.post(EXCHANGE, json={"join_token": place.token})

    assert reply.status_code == 200
    assert reply.json == {
        "access_token": reply.json["access_token"],
        "token_type": "Bearer",
        "expires_in": 3600,
        "room_id": place.id,
        "room_name": "Standup",
    }
    with app.app_context():
        claims = tokens.read_access(reply.json["access_token"])
    assert (claims["room_id"], claims["tenant_id"]) == (place.id, str(tenant.id))
    assert claims["role"] == "participant"
    assert "participant_id" not in claims
    assert "test" not in claims


def test_two_visitors_of_one_link_are_two_guests(client, place):
    families = set()
    for _ in range(2):
        reply = client.post(EXCHANGE, json={"join_token": place.token})
        families.add(reply.json["access_token"].split(".")[1])

    assert len(families) == 2


def test_a_made_up_token_is_refused(client):
    reply = client.post(EXCHANGE, json={"join_token": "jt_" + "x" * 43})

    assert (reply.status_code, reply.json) == (400, {"error": "invalid join token"})


def test_a_link_that_has_run_out_says_so(app, client, place):
    with app.app_context():
        row = db.session.query(JoinToken).filter_by(token_hash=tokens.digest(place.token)).one()
        row.expires_at = now() - timedelta(seconds=1)
        db.session.commit()

    reply = client.post(EXCHANGE, json={"join_token": place.token})

    assert (reply.status_code, reply.json) == (401, {"error": "join token has expired"})


def test_a_link_dies_with_its_room(client, place, end_room):
    end_room()

    reply = client.post(EXCHANGE, json={"join_token": place.token})

    assert (reply.status_code, reply.json) == (401, {"error": "join token has expired"})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "join_token is required"),
        ({"join_token": None}, "join_token is required"),
        ({"join_token": 5}, "join_token must be a string of 1-255 characters"),
        ({"join_token": "x" * 256}, "join_token must be a string of 1-255 characters"),
    ],
)
def test_the_token_is_checked_before_it_is_looked_up(client, body, text):
    reply = client.post(EXCHANGE, json=body)

    assert (reply.status_code, reply.json) == (400, {"error": text})


def test_a_body_that_is_no_json_is_refused_in_the_dialects_words(client):
    reply = client.post(EXCHANGE, data="{", content_type="application/json")

    assert (reply.status_code, reply.json) == (400, {"error": "invalid JSON body"})


def test_an_address_may_only_try_so_often(client, place, configure):
    configure(rate_public=1)
    address = {"REMOTE_ADDR": "127.0.0.77"}
    client.post(EXCHANGE, json={"join_token": place.token}, environ_overrides=address)

    reply = client.post(EXCHANGE, json={"join_token": place.token}, environ_overrides=address)

    assert (reply.status_code, reply.json) == (429, {"error": "rate limit exceeded"})
    assert reply.headers["X-RateLimit-Limit"] == "1"
    assert int(reply.headers["Retry-After"]) >= 1


def test_a_test_rooms_guest_is_a_test_guest(app, client, tenant):
    with app.app_context():
        room = rooms.create(tenant.id, test=True)
        token = rooms.link(rooms.add_link(room).id).rpartition("/")[2]

    reply = client.post(EXCHANGE, json={"join_token": token})

    with app.app_context():
        assert tokens.read_access(reply.json["access_token"])["test"] is True
