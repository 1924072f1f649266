"""Rooms: made, found, and ended with everything in them."""

from datetime import timedelta

import pytest

from app import ids
from app.errors import RoomEnded, RoomNotFound
from app.extensions import db, transaction
from app.models import Event, JoinToken
from app.models.columns import now
from app.services import calls, participants, rooms
from app.services.calls import Order
from tests.databases import on_both_databases
from tests.fakes import at_once


@pytest.fixture
def room(context, tenant):
    return rooms.create(tenant.id, "  Weekly sync ")


def test_a_room_is_open_at_once_under_its_trimmed_name(room):
    assert (room.name, room.status, room.rate) == ("Weekly sync", "active", 48_000)


def test_a_room_is_found_by_id_link_token_and_name(room, tenant):
    link = rooms.standing_link(room)

    for reference in (str(room.id), link, link.rpartition("/")[2], "weekly SYNC", " Weekly sync "):
        assert rooms.find(tenant.id, reference).id == room.id


@pytest.mark.parametrize("reference", ["nothing", "jt_wrong", str(ids.new()), "%", "weekly"])
def test_what_is_no_room_is_not_found(room, tenant, reference):
    with pytest.raises(RoomNotFound):
        rooms.find(tenant.id, reference)


def test_rooms_of_others_and_of_the_other_kind_are_not_found(room, tenant, other):
    for reference in (str(room.id), rooms.standing_link(room), room.name):
        with pytest.raises(RoomNotFound):
            rooms.find(other.id, reference)
        with pytest.raises(RoomNotFound):
            rooms.find(tenant.id, reference, test=True)
    with pytest.raises(RoomNotFound):
        rooms.get(other.id, room.id)
    with pytest.raises(RoomNotFound):
        rooms.get(tenant.id, room.id, test=True)


def test_of_rooms_with_one_name_the_newest_active_one_counts(room, tenant):
    newer = rooms.create(tenant.id, "weekly sync")
    assert rooms.find(tenant.id, "Weekly sync").id == newer.id

    rooms.end(newer.id, "api")
    assert rooms.find(tenant.id, "Weekly sync").id == room.id

    rooms.end(room.id, "api")
    with pytest.raises(RoomEnded):
        rooms.find(tenant.id, "Weekly sync")


def test_ending_a_room_ends_its_calls_and_lets_everybody_go(context, tenant, live):
    call = calls.place(tenant.id, Order(platform="room"))
    room = rooms.get(tenant.id, call.room_id)
    with transaction():
        ann = participants.add(room, "Ann")
    participants.connect(ann.id)

    assert rooms.end(room.id, "api") is True

    assert calls.get(tenant.id, call.id).end_reason == "room_ended"
    assert {each.status for each in participants.of_room(room.id)} == {"left"}
    told = db.session.query(Event).filter_by(room_id=room.id).order_by(Event.seq).all()
    types = [event.type for event in told]
    assert types[types.index("room.ended") :] == ["room.ended", "participant.left", "call.state"]


@on_both_databases
def test_a_room_ends_once_however_many_ask_for_it(app, tenant):
    with app.app_context():
        room_id = rooms.create(tenant.id).id

    def end():
        with app.app_context():
            return rooms.end(room_id, "api")

    assert sorted(at_once(*[end] * 3)) == [False, False, True]


def test_what_is_no_room_cannot_be_ended(context):
    assert rooms.end(ids.new(), "api") is False


def test_a_link_opens_its_room_until_it_expires_or_the_room_ends(room):
    token = rooms.standing_link(room).rpartition("/")[2]
    assert rooms.by_link(token)[0].id == room.id

    expiring = rooms.add_link(room, hours=1)
    with transaction():
        expiring.expires_at = now() - timedelta(seconds=1)
    with pytest.raises(RoomEnded):
        rooms.by_link(rooms.link(expiring.id).rpartition("/")[2])
    with pytest.raises(RoomNotFound):
        rooms.by_link("jt_wrong")

    rooms.end(room.id, "api")
    with pytest.raises(RoomEnded):
        rooms.by_link(token)


def test_a_room_has_one_standing_link_and_only_its_hash_is_kept(room):
    link = rooms.standing_link(room)

    assert rooms.standing_link(room) == link
    row = db.session.query(JoinToken).filter_by(room_id=room.id).one()
    assert row.token_hash not in link


def test_rooms_are_listed_newest_first(room, tenant):
    newer = rooms.create(tenant.id)
    rooms.end(room.id, "api")

    assert rooms.page(tenant.id) == ([newer, room], 2)
    assert rooms.page(tenant.id, status="ended") == ([room], 1)
    assert rooms.page(tenant.id, limit=1, offset=1) == ([room], 2)


def test_the_sweep_ends_rooms_that_have_been_empty_for_long(room, tenant):
    fresh = rooms.create(tenant.id)
    with transaction():
        room.empty_since = now() - timedelta(seconds=1801)

    rooms.sweep()

    assert rooms.get(tenant.id, fresh.id).status == "active"
    db.session.refresh(room)
    assert (room.status, room.end_reason) == ("ended", "empty")
