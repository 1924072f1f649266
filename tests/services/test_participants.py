"""Who is in a room: seats, coming, going, and the timers that follow."""

from datetime import timedelta

import pytest

from app import ids
from app.errors import ParticipantNotFound, RoomEnded, RoomFull
from app.extensions import db, transaction
from app.models import Call, Event, Participant, Room, Tenant
from app.models.columns import now
from app.services import calls, participants, rooms
from app.services.calls import Order
from tests.databases import on_both_databases
from tests.fakes import at_once


def add(room, name="Ann", **more):
    with transaction():
        return participants.add(room, name, **more)


def told(room):
    found = db.session.query(Event).filter_by(room_id=room.id).order_by(Event.seq)
    return [(event.type, event.payload.get("participants")) for event in found]


@pytest.fixture
def room(context, tenant):
    return rooms.create(tenant.id)


@on_both_databases
def test_two_who_want_the_last_seat_get_one(app, tenant):
    with app.app_context():
        room_id = rooms.create(tenant.id).id
        with transaction():
            db.session.get(Tenant, tenant.id).max_participants_per_room = 1

    def try_it():
        with app.app_context():
            return add(db.session.get(Room, room_id)).display_name

    outcomes = at_once(*[try_it] * 4)

    assert outcomes.count("Ann") == 1
    assert sum(isinstance(outcome, RoomFull) for outcome in outcomes) == 3


@on_both_databases
def test_people_come_and_go_while_a_room_ends_and_nobody_waits_for_each_other(app, tenant, live):
    """On PostgreSQL, rows locked in different orders would end as a deadlock."""

    def guest(room_id):
        with app.app_context():
            key = add(db.session.get(Room, room_id)).id
            participants.connect(key)
            participants.mute(key, self_muted=True)
            participants.lose(key)
            return participants.leave(key)

    def agent(room_id):
        with app.app_context():
            call = calls.place(tenant.id, Order(platform="room", meeting_url=str(room_id)))
            return calls.hang_up(call).state

    def end(room_id):
        with app.app_context():
            return rooms.end(room_id, "api")

    for _ in range(10):
        with app.app_context():
            room_id = rooms.create(tenant.id).id
        works = [lambda work=work, key=room_id: work(key) for work in (guest, agent, guest, end)]

        outcomes = at_once(*works)

        assert [
            o for o in outcomes if isinstance(o, Exception) and not isinstance(o, RoomEnded)
        ] == []
        assert outcomes[-1] is True


def test_a_room_with_fewer_seats_of_its_own_is_full_earlier(room):
    with transaction():
        room.config = {"max_participants": 1}
    add(room)

    with pytest.raises(RoomFull):
        add(room)


def test_those_who_left_and_bridges_take_no_seat(room):
    with transaction():
        room.config = {"max_participants": 1}
    participants.leave(add(room).id)
    add(room, kind="bridge")

    assert add(room).status == "joining"


def test_a_room_that_has_ended_takes_nobody(room):
    rooms.end(room.id, "api")

    with pytest.raises(RoomEnded):
        add(room)
    assert participants.connect(ids.new()) is None


def test_connecting_tells_the_room_once_and_says_how_many_are_there(room):
    ann, bob = add(room), add(room, "Bob")

    for _ in range(2):
        participants.connect(ann.id)
    participants.connect(bob.id)

    assert told(room) == [("participant.joined", 1), ("participant.joined", 2)]
    assert (ann.status, ann.joined_at is not None) == ("connected", True)


def test_a_lost_socket_that_comes_back_in_time_is_no_news(room):
    ann = add(room)
    participants.connect(ann.id)

    participants.lose(ann.id)
    db.session.refresh(ann)
    assert (ann.status, ann.present) == ("away", True)
    participants.connect(ann.id)

    assert (ann.status, ann.away_since) == ("connected", None)
    assert told(room) == [("participant.joined", 1)]


def test_leaving_tells_the_room_once(room):
    ann = add(room)
    participants.connect(ann.id)

    assert participants.leave(ann.id) is True
    assert participants.leave(ann.id) is False
    assert participants.leave(ids.new()) is False
    assert told(room) == [("participant.joined", 1), ("participant.left", 0)]


def test_one_who_never_connected_leaves_in_silence(room):
    participants.leave(add(room).id)

    assert told(room) == []


def test_one_who_was_removed_cannot_come_back(room):
    ann = add(room)
    participants.connect(ann.id)
    participants.leave(ann.id, "removed")

    assert participants.connect(ann.id) is None


def test_one_who_left_may_come_back(room):
    ann = add(room)
    participants.connect(ann.id)
    participants.leave(ann.id)

    assert participants.connect(ann.id).status == "connected"
    assert told(room)[-1] == ("participant.joined", 1)


def test_muting_tells_the_room_only_when_it_changes_something(room):
    ann = add(room)

    for muted in (True, True, False):
        participants.mute(ann.id, self_muted=muted)
    participants.mute(ids.new(), self_muted=True)

    assert [kind for kind, _ in told(room)] == ["participant.muted"] * 2


def test_an_empty_room_and_a_lonely_agent_are_timed(context, tenant, live):
    call = calls.place(tenant.id, Order(platform="room"))
    room = rooms.get(tenant.id, call.room_id)
    ann = add(room)
    assert room.empty_since is not None

    participants.connect(call.participant_id)
    db.session.refresh(room)
    db.session.refresh(call)
    assert (room.empty_since, call.alone_since is not None) == (None, True)

    participants.connect(ann.id)
    db.session.refresh(call)
    assert call.alone_since is None

    participants.leave(ann.id)
    participants.leave(call.participant_id)
    db.session.refresh(room)
    assert room.empty_since is not None


def test_two_agents_keep_each_other_company(context, tenant, live):
    first = calls.place(tenant.id, Order(platform="room"))
    second = calls.place(tenant.id, Order(platform="room", meeting_url=str(first.room_id)))

    for call in (first, second):
        participants.connect(call.participant_id)

    for call in (first, second):
        db.session.refresh(call)
        assert call.alone_since is None
    participants.leave(second.participant_id)
    assert db.session.get(Call, first.id, populate_existing=True).alone_since is not None


def test_the_sweep_lets_go_of_those_who_stayed_away(room):
    ann, bob, cleo = add(room), add(room, "Bob"), add(room, "Cleo")
    for each in (ann, bob):
        participants.connect(each.id)
        participants.lose(each.id)
    with transaction():
        db.session.get(Participant, ann.id, populate_existing=True).away_since = now() - timedelta(
            seconds=16
        )
        cleo.created_at = now() - timedelta(hours=25)

    participants.sweep()

    assert db.session.get(Participant, ann.id).status == "left"
    assert db.session.get(Participant, bob.id).status == "away"
    assert (cleo.status, cleo.leave_reason) == ("left", "never_connected")


def test_a_participant_is_found_by_its_tenant_alone(room, tenant, other):
    ann = add(room)

    assert participants.get(tenant.id, ann.id) is ann
    for tenant_id, key in ((other.id, ann.id), (tenant.id, ids.new())):
        with pytest.raises(ParticipantNotFound):
            participants.get(tenant_id, key)


def test_those_present_are_told_apart_from_those_expected(room):
    ann, bob = add(room), add(room, "Bob")
    participants.connect(bob.id)

    assert participants.of_room(room.id) == [ann, bob]
    assert participants.of_room(room.id, present=True) == [bob]
    assert participants.present_in([room.id]) == {room.id: [bob]}
    assert participants.page(room.id, limit=1, offset=1) == ([bob], 2)
    assert participants.page(room.id, present=True) == ([bob], 1)
