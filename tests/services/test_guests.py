"""Guests: people who come in by a link."""

import pytest

from app import ids
from app.errors import Forbidden, RoomEnded, RoomFull
from app.extensions import db, transaction
from app.models import Room
from app.services import guests, participants, rooms
from tests.databases import on_both_databases
from tests.fakes import at_once


@pytest.fixture
def room(context, tenant):
    return rooms.create(tenant.id)


@on_both_databases
def test_one_guest_asking_twice_at_once_gets_one_seat(app, tenant):
    with app.app_context():
        room_id, key = rooms.create(tenant.id).id, ids.new()

    def sit():
        with app.app_context():
            return guests.seat(db.session.get(Room, room_id), key, "Ann").id

    assert at_once(*[sit] * 3) == [key] * 3
    with app.app_context():
        assert participants.count(room_id) == 1


def test_the_same_guest_again_may_have_another_name(room):
    key = ids.new()
    guests.seat(room, key, "Ann")

    assert guests.seat(room, key, "Anna").display_name == "Anna"


def test_a_seat_can_be_taken_back_only_while_there_is_one(room):
    key = ids.new()
    guests.seat(room, key, "Ann")
    participants.leave(key)
    with transaction():
        room.config = {"max_participants": 1}
    assert guests.seat(room, key, "Ann").id == key

    guests.seat(room, ids.new(), "Bob")
    with pytest.raises(RoomFull):
        guests.seat(room, key, "Ann")


def test_one_who_was_removed_stays_out(room):
    key = ids.new()
    guests.seat(room, key, "Ann")
    participants.leave(key, "removed")

    with pytest.raises(Forbidden):
        guests.seat(room, key, "Ann")


def test_a_room_that_has_ended_has_no_seats(room):
    rooms.end(room.id, "api")

    with pytest.raises(RoomEnded):
        guests.seat(room, ids.new(), "Ann")
