"""Who sees the list of those in a room, and in what pieces."""

import pytest

from app.models.participant import ParticipantStatus
from tests.api.rooms.conftest import arrive
from tests.api.rooms.test_participants import bearer, change, join


def test_a_participant_sees_everybody_in_the_order_they_came(client, place, joined):
    join(client, place, arrive(client, place), "Ben")

    reply = client.get(f"/api/v1/rooms/{place.id}/participants", headers=bearer(joined))

    assert reply.status_code == 200
    assert [found["display_name"] for found in reply.json["participants"]] == ["Ana", "Ben"]
    assert {name: reply.json[name] for name in ("total", "limit", "offset")} == {
        "total": 2,
        "limit": 1000,
        "offset": 0,
    }


def test_the_list_comes_in_pages_and_can_leave_out_who_is_not_there(app, client, place, joined):
    ben = join(client, place, arrive(client, place), "Ben").json["participant"]["id"]
    change(app, ben, status=ParticipantStatus.AWAY)
    path, headers = f"/api/v1/rooms/{place.id}/participants", bearer(joined)

    paged = client.get(f"{path}?limit=1&offset=1", headers=headers).json
    active = client.get(f"{path}?active=true", headers=headers).json

    assert [found["id"] for found in paged["participants"]] == [ben]
    assert paged["total"] == 2
    assert [found["id"] for found in active["participants"]] == [ben]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("limit=0", "limit must be an integer between 1 and 1000"),
        ("limit=1001", "limit must be an integer between 1 and 1000"),
        ("limit=x", "limit must be an integer between 1 and 1000"),
        ("offset=-1", "offset must be an integer between 0 and 2147483647"),
        ("active=maybe", "active must be a boolean"),
    ],
)
def test_a_bad_query_is_named(client, place, joined, query, text):
    path = f"/api/v1/rooms/{place.id}/participants?{query}"

    reply = client.get(path, headers=bearer(joined))

    assert (reply.status_code, reply.json) == (400, {"error": text})


def test_a_guest_without_a_seat_does_not_see_the_list(client, place, guest):
    reply = client.get(f"/api/v1/rooms/{place.id}/participants", headers=guest)

    assert (reply.status_code, reply.json) == (403, {"error": "insufficient permissions"})


def test_the_list_is_asked_for_by_id(client, joined):
    reply = client.get("/api/v1/rooms/standup/participants", headers=bearer(joined))

    assert (reply.status_code, reply.json) == (400, {"error": "invalid room id"})
