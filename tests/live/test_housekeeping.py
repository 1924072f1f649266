"""Housekeeping: leases, rooms of the dead, revoked keys, faults."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app import bus
from app.extensions import db, transaction
from app.live import clerk, housekeeping
from app.live.housekeeping import Housekeeping
from app.models import Call, Event, Participant, Room
from app.models.columns import now
from app.services import calls, keys, participants, placement
from app.services.calls import Order
from tests.databases import on_both_databases
from tests.fakes import at_once
from tests.live.office import Desk, arrival
from tests.redises import RedisServer
from tests.waiting import until

ODD = 1  # A second in which only deadlines are looked at.


@pytest.fixture
def house(desk, context) -> Housekeeping:
    """Of a live process that is on the list and may place calls."""
    found = Housekeeping(desk)
    placement.register(desk.live, [])
    return found


@pytest.fixture
def call(house, desk, tenant) -> Call:
    """A call whose agent is in its room, which is ours."""
    found = calls.place(tenant.id, Order(platform="room"))
    desk.pump.follow(found.room_id)
    clerk.enter(found.id, desk.id)
    return found


@pytest.fixture
def ann(call) -> Participant:
    """A guest with one socket."""
    with transaction():
        found = participants.add(db.session.get(Room, call.room_id), "Ann")
    participants.connect(found.id)
    return found


def change(row, **values: Any) -> None:
    with transaction():
        for name, value in values.items():
            setattr(row, name, value)


def ago(seconds: float) -> datetime:
    return now() - timedelta(seconds=seconds)


def state(call: Call) -> tuple[str, str | None]:
    db.session.expire_all()
    return call.state, call.end_reason


def told(call: Call, type: str) -> list[dict[str, Any]]:
    found = db.session.query(Event).filter_by(room_id=call.room_id, type=type)
    return [event.payload for event in found.order_by(Event.seq)]


def lease(room_id) -> str | None:
    return bus.current().redis.get(f"{bus.PREFIX}:room:{room_id}")


def test_the_list_says_how_busy_we_are_and_our_leases_are_renewed(house, desk, call):
    desk.load["sockets"] = 7
    bus.current().redis.pexpire(f"{bus.PREFIX}:room:{call.room_id}", 1000)

    house.go_round(0)

    (live,) = placement.alive()
    assert (live.id, live.sockets, live.draining) == (desk.id, 7, False)
    assert lease(call.room_id) == desk.id
    assert bus.current().redis.pttl(f"{bus.PREFIX}:room:{call.room_id}") > 1000


def test_a_room_that_another_process_has_by_now_is_left_to_it(house, desk, call, caplog):
    bus.current().redis.set(f"{bus.PREFIX}:room:{call.room_id}", "another")

    house.go_round(0)

    assert {"op": "dismiss", "room": str(call.room_id)} in desk.orders()
    assert desk.pump.rooms() == []
    assert lease(call.room_id) == "another"
    assert "Another process holds a room of ours" in caplog.text


def test_a_room_stays_ours_while_a_call_goes_on_or_a_socket_is_open(house, desk, call, ann):
    desk.sockets["s"] = arrival(ann)

    house.go_round(0)
    assert desk.pump.rooms() == [call.room_id]
    calls.hang_up(call, "bridge_disconnected")
    house.go_round(0)
    assert desk.pump.rooms() == [call.room_id]

    desk.sockets.clear()
    desk.orders()
    house.go_round(0)

    assert desk.orders() == [{"op": "close", "room": str(call.room_id)}]
    assert (desk.pump.rooms(), lease(call.room_id)) == ([], None)


def test_a_draining_process_ends_with_its_last_room(house, desk, call):
    desk.draining = True

    house.go_round(0)
    assert placement.alive()[0].draining
    assert not desk.stopping.is_set()

    calls.hang_up(call)
    house.go_round(0)

    assert desk.stopping.is_set()


def test_an_open_stream_keeps_its_call_from_ending_as_idle(house, desk, call, tenant):
    desk.sockets["s"] = arrival(calls.agent(call), call)
    change(call, attended_at=ago(800))

    house.go_round(0)

    db.session.refresh(call)
    assert call.attended_at > ago(60)


def test_keys_that_were_revoked_unheard_lose_their_sockets(house, desk, call, tenant):
    row, _ = keys.create(tenant.id, "short-lived")
    for key in (row.id, tenant.key_id):
        desk.sockets[str(key)] = arrival(calls.agent(call), call, key=str(key))
    keys.revoke(tenant.id, row.id)

    house.go_round(0)

    assert {"op": "revoked", "keys": [str(row.id)]} in desk.orders()


def test_those_whose_leaving_was_not_written_down_are_lost(house, desk, call, ann):
    desk.sockets["s"] = arrival(ann)
    house.go_round(0)
    db.session.refresh(ann)
    assert ann.status == "connected"

    desk.sockets.clear()
    house.go_round(0)

    db.session.refresh(ann)
    assert ann.status == "away"
    assert calls.agent(call).status == "connected"


@on_both_databases
def test_rooms_of_the_dead_are_given_up_once_by_two_at_the_same_time(app, desk, tenant, configure):
    configure(lease_ttl=1)
    with app.app_context():
        until(lambda: not placement.young())
        placement.register(desk.live, [])
        call = calls.place(tenant.id, Order(platform="room"))
        clerk.enter(call.id, "dead")

    def bury():
        with app.app_context():
            Housekeeping(Desk(app)).go_round(0)

    assert at_once(bury, bury) == [None, None]

    with app.app_context():
        assert len(told(call, "call.error")) == 1
        assert told(call, "call.state")[-1]["end_reason"] == "bridge_disconnected"
        assert db.session.get(Room, call.room_id).owner is None


def test_nobody_is_taken_for_dead_while_redis_is_young(
    house, desk, call, own_redis: RedisServer, configure
):
    configure(lease_ttl=2)
    clerk.own(call.room_id, "late")
    own_redis.stop()
    own_redis.start()

    house.go_round(0)
    assert state(call) == ("active", None)
    assert placement.alive()[0].id == desk.id

    until(lambda: not placement.young())
    house.go_round(0)

    assert state(call) == ("ended", "bridge_disconnected")


def test_what_fails_is_tried_again_and_ends_nothing(house, desk, monkeypatch, caplog):
    def fail(error: Exception | None) -> None:
        if error is None:
            desk.stop()
        else:
            raise error

    faults = iter([OperationalError("SELECT", {}, Exception()), bus.BusDown("gone"), None])
    monkeypatch.setattr(house, "go_round", lambda _second: fail(next(faults)))
    monkeypatch.setattr(housekeeping, "PAUSE", 0)

    house.run()

    messages = [record.message for record in caplog.records]
    assert messages == ["The database failed", "Leases wait: Redis does not answer"]
