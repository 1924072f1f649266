"""The registrar's end, and its neighbours': engines that die, Redis that comes back, drains."""

import pytest

from app import bus
from app.extensions import db, transaction
from app.live.registrar import Registrar
from app.models import Call, Participant, Room
from app.services import calls, participants, placement, rooms
from tests.live.office import FakeEngine, Office, arrival, fresh, placed, state
from tests.redises import RedisServer
from tests.waiting import until


@pytest.fixture
def call(office, tenant) -> Call:
    """A call that was placed with the registrar and has become active."""
    return placed(tenant.id)


@pytest.fixture
def ann(call) -> Participant:
    with transaction():
        return participants.add(db.session.get(Room, call.room_id), "Ann")


def test_after_redis_came_back_empty_everything_goes_on(
    call, ann, office, tenant, own_redis: RedisServer
):
    guest = arrival(ann)
    office.come(guest)

    own_redis.stop()
    assert office.ask(guest, "chat", text="without")["result"]["text"] == "without"
    office.until_line("without")
    own_redis.start()

    until(lambda: [live.id for live in placement.alive()] == [office.registrar.id])
    lease = f"{bus.PREFIX}:room:{call.room_id}"
    until(lambda: bus.current().redis.get(lease) == office.registrar.id)
    until(lambda: bool(bus.current().redis.pubsub_numsub(bus.EVENTS)[0][1]))
    placed(tenant.id, meeting_url=str(call.room_id))
    assert state(call) == "active"


def test_when_the_engine_dies_its_calls_end_with_a_reason(call, ann, office):
    office.come(arrival(ann))

    office.engine.die()

    assert office.end() == 1
    assert (state(call), call.end_reason) == ("ended", "bridge_disconnected")
    assert call.error_code == "bridge_disconnected"
    assert (fresh(ann).status, fresh(db.session.get(Room, call.room_id)).owner) == ("away", None)
    assert placement.alive() == []
    assert bus.current().redis.get(f"{bus.PREFIX}:room:{call.room_id}") is None


def test_an_engine_that_dies_while_redis_is_away_leaves_nothing_unwritten(
    call, office, own_redis: RedisServer
):
    own_redis.stop()
    try:
        office.engine.die()

        assert office.end() == 1
        assert (state(call), call.end_reason) == ("ended", "bridge_disconnected")
    finally:
        own_redis.start()


def test_told_to_stop_it_ends_in_good_order(call, ann, office):
    guest = arrival(ann)
    office.come(guest)

    office.registrar.stop()
    office.registrar.stop()
    office.engine.order("stop")
    # Its last words, before it closes the line.
    office.engine.link.send(guest | {"op": "detached", "last": True, "clean": False})

    assert office.end() == 0
    assert (state(call), call.end_reason, call.error_code) == ("ended", "shutdown", None)
    assert fresh(ann).status == "away"
    assert placement.alive() == []


def test_draining_it_ends_when_its_last_room_does(call, office, tenant):
    office.registrar.drain()
    until(lambda: placement.alive()[0].draining)
    assert state(call) == "active"

    calls.hang_up(call)

    office.engine.order("stop")
    assert office.end() == 0


def test_what_waits_for_a_dead_engine_is_given_up(app, context, tenant):
    """An engine that dies before it was ever ready."""
    engine = FakeEngine()
    registrar = Registrar(app, app.config["SETTINGS"], engine.start)

    engine.die()

    assert registrar.run() == 1
    assert placement.alive() == []


def test_two_registrars_share_the_rooms_and_each_knows_its_own(office, app, tenant):
    second = Office(app)
    try:
        until(lambda: len(placement.alive()) == 2)
        second.engine.report("load", sockets=5, rooms=0, clock={})
        until(lambda: {live.sockets for live in placement.alive()} == {0, 5})
        room = rooms.create(tenant.id)
        first_call = placed(tenant.id, meeting_url=str(room.id))
        assert fresh(room).owner == office.registrar.id

        office.engine.report("load", sockets=9, rooms=1, clock={})
        until(lambda: {live.sockets for live in placement.alive()} == {9, 5})
        other_call = placed(tenant.id)
        placed(tenant.id, meeting_url=str(room.id))

        assert second.registrar.pump.rooms() == [other_call.room_id]
        assert office.registrar.pump.rooms() == [room.id]
    finally:
        second.end()
    assert (state(first_call), state(other_call)) == ("active", "ended")
    assert [live.id for live in placement.alive()] == [office.registrar.id]
