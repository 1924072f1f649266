"""A room, as its visitors see it."""

import uuid

from tests.api.rooms.conftest import arrive


def test_a_guest_sees_the_room_before_taking_a_seat(client, place, guest, tenant):
    reply = client.get(f"/api/v1/rooms/{place.id}", headers=guest)

    assert reply.status_code == 200
    times = {name: reply.json[name] for name in ("started_at", "created_at", "updated_at")}
    assert all(moment.endswith("Z") for moment in times.values())
    assert reply.json == {
        "id": place.id,
        "tenant_id": str(tenant.id),
        "call_id": None,
        "name": "Standup",
        "status": "active",
        "end_reason": None,
        "config": {
            "max_participants": None,
            "recording_enabled": True,
            "chat_enabled": True,
            "transcription_enabled": None,
        },
        "capacity": 10,
        "metadata": {},
        "participant_count": 0,
        "is_recording": False,
        "scheduled_start_at": None,
        "scheduled_end_at": None,
        "allow_early_join_minutes": 0,
        "ended_at": None,
        **times,
    }


def test_the_capacity_is_the_smaller_of_the_rooms_and_the_tenants(
    client, place, guest, joined, change_room
):
    change_room(config={"max_participants": 3})

    reply = client.get(f"/api/v1/rooms/{place.id}/", headers=guest)

    assert (reply.json["capacity"], reply.json["participant_count"]) == (3, 1)
    assert reply.json["config"]["max_participants"] == 3


def test_a_room_that_has_ended_can_still_be_looked_at(client, place, guest, end_room):
    end_room()

    reply = client.get(f"/api/v1/rooms/{place.id}", headers=guest)

    assert (reply.json["status"], reply.json["end_reason"]) == ("ended", "api")


def test_other_rooms_do_not_exist(client, place, guest):
    assert arrive(client, place) != guest

    reply = client.get(f"/api/v1/rooms/{uuid.uuid4()}", headers=guest)

    assert (reply.status_code, reply.json) == (404, {"error": "room not found"})


def test_a_name_is_no_id_here(client, guest):
    reply = client.get("/api/v1/rooms/standup", headers=guest)

    assert (reply.status_code, reply.json) == (400, {"error": "invalid room id"})


def test_an_unknown_path_and_a_wrong_method_answer_in_the_dialects_words(client, place, guest):
    unknown = client.get("/api/v1/nothing", headers=guest)
    wrong = client.put(f"/api/v1/rooms/{place.id}", headers=guest)

    assert (unknown.status_code, unknown.json) == (404, {"error": "not found"})
    assert (wrong.status_code, wrong.json) == (405, {"error": "method not allowed"})
    assert "GET" in wrong.headers["Allow"]
