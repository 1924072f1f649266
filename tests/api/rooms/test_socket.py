"""The upgrade of a participant's socket: every refusal as plain HTTP, and the hand-over."""

import socket
import uuid

import pytest

from app import tokens
from app.extensions import db
from app.models import Participant
from app.models.participant import ParticipantStatus
from tests.api.rooms.conftest import arrive

UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def dial(client, token=None, *, query="", protocols=("chalk",), environ=None, **headers):
    offered = [*protocols, *([f"token.{token}"] if token else [])]
    if offered:
        headers["Sec-WebSocket-Protocol"] = ", ".join(offered)
    wire = {"SERVER_PROTOCOL": "HTTP/1.1", **(environ or {})}
    return client.get(
        f"/api/v1/ws{query}", headers=UPGRADE | headers, environ_overrides=wire, buffered=True
    )


def refused(reply, status, text):
    assert (reply.status_code, reply.json) == (status, {"error": text})


def answered(client, token=None, **options):
    """Dial with a socket under the request; returns what the client reads on it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        dial(client, token, environ={"werkzeug.socket": theirs}, **options)
        ours.settimeout(5)
        return ours.recv(4096).decode()


def change(app, participant_id, **columns):
    with app.app_context():
        row = db.session.get(Participant, uuid.UUID(participant_id))
        for name, value in columns.items():
            setattr(row, name, value)
        db.session.commit()


@pytest.fixture
def token(joined):
    return joined["access_token"]


def test_a_participant_is_handed_to_the_rooms_process(client, engine, place, joined, token):
    answer = answered(client, token)

    assert answer.startswith("HTTP/1.1 101 ")
    assert "Sec-WebSocket-Protocol: chalk\r\n" in answer
    assert token not in answer
    (header,) = engine.headers
    assert (header["dialect"], header["room_id"]) == ("rooms", place.id)
    assert header["participant_id"] == joined["participant"]["id"]
    assert header["options"] == {
        "tenant_id": header["options"]["tenant_id"],
        "room_id": place.id,
        "participant_id": joined["participant"]["id"],
        "role": "participant",
        "permissions": joined["participant"]["permissions"],
        "deprecated_token": False,
        "stream_id": header["stream_id"],
    }


def test_a_token_in_the_header_needs_no_subprotocol(client, engine, token):
    answer = answered(client, protocols=(), Authorization=f"Bearer {token}")

    assert answer.startswith("HTTP/1.1 101 ")
    assert "Sec-WebSocket-Protocol" not in answer


def test_a_token_in_the_url_works_and_is_marked_as_the_old_way(client, engine, token):
    answer = answered(client, query=f"?token={token}")

    assert "Deprecation: @1767657600\r\n" in answer
    assert engine.headers[0]["options"]["deprecated_token"] is True


def test_a_request_that_is_no_upgrade_is_told_so(client, live):
    refused(client.get("/api/v1/ws"), 400, "websocket upgrade required")
    refused(
        dial(client, **{"Sec-WebSocket-Version": "8"}),
        400,
        "websocket upgrade required",
    )


def test_no_process_that_runs_rooms_is_a_full_server(client, token):
    reply = dial(client, token)

    refused(reply, 503, "server is at capacity")
    assert int(reply.headers["Retry-After"]) >= 1


def test_a_token_is_needed_and_must_be_good(app, client, live, monkeypatch):
    refused(dial(client), 401, "missing token")
    refused(dial(client, "a.b.c"), 401, "invalid token")
    monkeypatch.setattr(tokens, "ACCESS_SECONDS", -1)
    with app.app_context():
        refused(dial(client, tokens.issue_access({"sub": "x"})), 401, "token has expired")


def test_a_token_as_subprotocol_comes_with_the_protocol_itself(client, live, token):
    refused(dial(client, token, protocols=()), 400, "subprotocol chalk required")


def test_a_page_from_elsewhere_is_refused(client, live, token):
    refused(dial(client, token, Origin="https://evil.example"), 403, "origin not allowed")
    refused(dial(client, token, Origin="null"), 403, "origin not allowed")


def test_a_page_of_our_own_and_one_the_tenant_allows_are_let_in(
    client, engine, token, configure_tenant
):
    assert answered(client, token, Origin="http://localhost").startswith("HTTP/1.1 101 ")

    configure_tenant(allowed_origins=["https://app.example.org"])

    assert answered(client, token, Origin="https://app.example.org").startswith("HTTP/1.1 101 ")


def test_a_tenants_token_names_no_room(app, client, live, tenant):
    with app.app_context():
        token = tokens.issue_access({"sub": str(tenant.id), "tenant_id": str(tenant.id)})

    refused(dial(client, token), 400, "missing room_id in token")


def test_a_guest_takes_a_seat_first(client, live, guest):
    token = guest["Authorization"].removeprefix("Bearer ")

    refused(dial(client, token), 400, "missing participant_id in token")


def test_a_room_that_has_ended_is_not_active(client, live, token, end_room):
    end_room()

    refused(dial(client, token), 409, "room is not active")


def test_whoever_was_removed_has_a_worthless_token(app, client, live, joined, token):
    change(app, joined["participant"]["id"], status=ParticipantStatus.LEFT, leave_reason="removed")

    refused(dial(client, token), 401, "token has been revoked")


def test_whoever_left_needs_a_free_seat(app, client, live, place, joined, token, change_room):
    change(app, joined["participant"]["id"], status=ParticipantStatus.LEFT, leave_reason="left")
    change_room(config={"max_participants": 1})
    path = f"/api/v1/rooms/{place.id}/participants"
    client.post(path, json={"display_name": "Ben"}, headers=arrive(client, place))

    refused(dial(client, token), 409, "room is full")
