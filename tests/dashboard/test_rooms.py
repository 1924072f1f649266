"""Rooms: the list and one room's page."""

from collections.abc import Callable

from flask import Flask

from app.models import Call, Participant
from app.services import rooms
from tests.dashboard.conftest import Person


def create(person: Person, name: str) -> str:
    """Make a room through the page and return its path."""
    reply = person.post("/dashboard/rooms", name=name)
    assert reply.status_code == 303
    return reply.location


def link_on(page: str) -> str:
    start = page.index("/join/jt_")
    return page[start : page.index('"', start)]


def test_an_empty_list_teaches(person: Person) -> None:
    assert "No room is open" in person.get("/dashboard/rooms").text
    assert "No room has ended yet" in person.get("/dashboard/rooms?state=past").text


def test_a_room_has_a_guest_link_that_works(person: Person, visitor: Person) -> None:
    path = create(person, "Stand-up")

    page = person.get(path).text

    assert "Stand-up" in page
    assert visitor.get(link_on(page)).status_code == 200


def test_its_link_stays_the_same(person: Person) -> None:
    path = create(person, "Stand-up")

    links = {link_on(person.get(path).text) for _ in range(3)}
    opened = person.get(path + "/open").location

    assert len(links) == 1
    assert opened.endswith(links.pop())


def test_a_room_needs_a_name_of_a_sensible_length(person: Person) -> None:
    for name in ("", "x" * 201):
        page = person.post("/dashboard/rooms", name=name)
        assert page.status_code == 400
        assert 'aria-invalid="true"' in page.text


def test_members_are_shown_where_they_are(
    person: Person, call: Call, enter: Callable[[Call, str], Participant]
) -> None:
    enter(call, "Grace Hopper")

    listed = person.get("/dashboard/rooms").text
    page = person.get(f"/dashboard/rooms/{call.room_id}").text

    assert 'title="Grace Hopper"' in listed
    assert "Grace Hopper" in page
    assert "Minutes" in page


def test_ending_a_room_asks_for_its_name(person: Person, visitor: Person) -> None:
    path = create(person, "Stand-up")
    link = link_on(person.get(path).text)

    refused = person.post(path + "/end", confirm="stand")
    done = person.post(path + "/end", confirm=" Stand-up ")

    assert refused.status_code == 400
    assert done.location == path
    assert "/join/jt_" not in person.get(path).text
    assert visitor.get(link).status_code == 404
    assert person.get(path + "/open").status_code == 409
    assert "Stand-up" in person.get("/dashboard/rooms?state=past").text
    assert "Stand-up" not in person.get("/dashboard/rooms").text


def test_a_room_without_a_name_is_ended_by_a_word(app: Flask, person: Person) -> None:
    with app.app_context():
        room_id = rooms.create(person.tenant_id).id

    done = person.post(f"/dashboard/rooms/{room_id}/end", confirm="end")

    assert done.status_code == 303


def test_rooms_of_others_are_not_there(person: Person, stranger: Person) -> None:
    path = create(person, "Mine")

    assert stranger.get(path).status_code == 404
    assert stranger.get(path + "/open").status_code == 404
    assert stranger.post(path + "/end", confirm="Mine").status_code == 404
    assert stranger.get("/dashboard/rooms/nonsense").status_code == 404
