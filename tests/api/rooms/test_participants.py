"""Taking a seat by a guest link, and seeing who else has one."""

import threading
import uuid

import pytest

from app import tokens
from app.extensions import db
from app.models import Participant, Tenant
from app.models.participant import ParticipantStatus
from tests.api.rooms.conftest import arrive
from tests.databases import on_both_databases


def join(client, place, headers, name="Ana", **more):
    path = f"/api/v1/rooms/{place.id}/participants"
    return client.post(path, json={"display_name": name, **more}, headers=headers)


def bearer(joined):
    return {"Authorization": f"Bearer {joined['access_token']}"}


def change(app, participant_id, **columns):
    with app.app_context():
        row = db.session.get(Participant, uuid.UUID(participant_id))
        for name, value in columns.items():
            setattr(row, name, value)
        db.session.commit()


@on_both_databases
def test_a_guest_takes_a_seat_under_a_name(app, client, place, guest, tenant):
    reply = join(client, place, guest, "  Ana ")

    assert reply.status_code == 201
    answer = reply.json
    assert list(answer) == [
        "participant",
        "room",
        "room_created",
        "tenant_config",
        "access_token",
        "token_type",
        "expires_in",
        "auth_token",
        "ws_url",
        "should_start_recording",
    ]
    assert answer["participant"] == {
        "id": answer["participant"]["id"],
        "room_id": place.id,
        "external_user_id": None,
        "display_name": "Ana",
        "role": "participant",
        "kind": "person",
        "status": "joining",
        "permissions": {
            "can_record": False,
            "can_screen_share": True,
            "can_kick": False,
            "can_mute": False,
        },
        "is_muted": False,
        "hand_raised": False,
        "joined_at": None,
        "left_at": None,
        "leave_reason": None,
        "metadata": {},
        "created_at": answer["participant"]["created_at"],
    }
    assert answer["room"] == {"id": place.id, "name": "Standup", "status": "active"}
    assert answer["tenant_config"] == {
        "transcription_enabled": True,
        "first_participant_is_host": False,
        "force_recording": False,
        "allow_early_join": True,
    }
    assert answer["auth_token"] == answer["access_token"]
    assert answer["ws_url"].endswith("/api/v1/ws")
    with app.app_context():
        claims = tokens.read_access(answer["access_token"])
    assert claims["sub"] == claims["participant_id"] == answer["participant"]["id"]
    assert (claims["display_name"], claims["room_id"]) == ("Ana", place.id)


def test_a_guest_cannot_make_itself_more_than_a_participant(client, place, guest):
    wishes = {"role": "host", "kind": "agent", "external_user_id": "u1"}

    answer = join(client, place, guest, **wishes, permissions={"can_kick": True}).json

    assert (answer["participant"]["role"], answer["participant"]["kind"]) == (
        "participant",
        "person",
    )
    assert answer["participant"]["external_user_id"] is None
    assert answer["participant"]["permissions"]["can_kick"] is False


def test_the_same_guest_again_gets_its_own_seat_and_may_change_its_name(
    client, place, guest, joined
):
    reply = join(client, place, guest, "Ana Lovelace")

    assert reply.status_code == 201
    assert reply.json["participant"]["id"] == joined["participant"]["id"]
    assert reply.json["participant"]["display_name"] == "Ana Lovelace"


@on_both_databases
def test_one_guest_asking_twice_at_once_sits_once(app, place, guest):
    found = []

    def ask():
        found.append(join(app.test_client(), place, guest))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [reply.status_code for reply in found] == [201, 201]
    assert len({reply.json["participant"]["id"] for reply in found}) == 1


def test_the_room_may_be_called_by_its_name(client, guest, joined):
    reply = client.post(
        "/api/v1/rooms/STANDUP/participants/", json={"display_name": "Ana"}, headers=guest
    )

    assert reply.json["participant"]["id"] == joined["participant"]["id"]


def test_another_room_is_not_there_for_a_guest(client, guest):
    path = f"/api/v1/rooms/{uuid.uuid4()}/participants"

    reply = client.post(path, json={"display_name": "Ana"}, headers=guest)

    assert (reply.status_code, reply.json) == (404, {"error": "room not found"})


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\u0007b", 5, ["Ana"]])
def test_a_name_has_to_be_one(client, place, guest, name):
    reply = join(client, place, guest, name)

    assert reply.status_code == 400
    assert reply.json == {"error": "display_name must be a string of 1-100 characters"}


def test_a_name_is_needed(client, place, guest):
    reply = client.post(f"/api/v1/rooms/{place.id}/participants", headers=guest)

    assert (reply.status_code, reply.json) == (400, {"error": "display_name is required"})


def test_a_full_room_takes_nobody_more(client, place, change_room, joined):
    change_room(config={"max_participants": 1})

    reply = join(client, place, arrive(client, place), "Ben")

    assert (reply.status_code, reply.json) == (400, {"error": "room is full"})


def test_somebody_who_left_comes_back_while_there_is_a_seat(
    app, client, place, change_room, guest, joined
):
    change(app, joined["participant"]["id"], status=ParticipantStatus.LEFT, leave_reason="left")
    assert join(client, place, guest).status_code == 201

    change_room(config={"max_participants": 1})
    assert join(client, place, arrive(client, place), "Ben").status_code == 201

    assert join(client, place, guest).json == {"error": "room is full"}


def test_an_ended_room_takes_nobody(client, place, end_room, guest):
    end_room()

    reply = join(client, place, guest)

    assert (reply.status_code, reply.json) == (400, {"error": "room is not active"})


def test_whoever_was_removed_stays_out(app, client, place, guest, joined):
    change(app, joined["participant"]["id"], status=ParticipantStatus.LEFT, leave_reason="removed")

    again = join(client, place, guest)
    looked = client.get(f"/api/v1/rooms/{place.id}", headers=bearer(joined))

    assert (again.status_code, again.json) == (403, {"error": "participant was removed"})
    assert (looked.status_code, looked.json) == (401, {"error": "token has been revoked"})


def test_a_participant_cannot_add_others(client, place, joined):
    reply = join(client, place, bearer(joined), "Ben")

    assert (reply.status_code, reply.json) == (403, {"error": "insufficient permissions"})


def test_a_tenants_limit_is_a_rooms_limit_too(app, client, place, tenant, joined):
    with app.app_context():
        db.session.get(Tenant, tenant.id).max_participants_per_room = 1
        db.session.commit()

    assert join(client, place, arrive(client, place), "Ben").json == {"error": "room is full"}
