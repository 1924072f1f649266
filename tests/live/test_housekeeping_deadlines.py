"""Housekeeping: calls, rooms and participants whose time is up."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app import bus
from app.extensions import db, transaction
from app.live import clerk
from app.live.housekeeping import Housekeeping
from app.models import Call, Event, Participant, Room, Tenant
from app.models.columns import now
from app.services import calls, participants, placement, rooms
from app.services.calls import Order
from tests.databases import on_both_databases
from tests.fakes import at_once
from tests.live.office import Desk

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


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        ("connecting", {"deadline": 1}, ("ended", "connect_timeout")),
        ("ringing", {"deadline": 1}, ("missed", "ring_timeout")),
        ("active", {"deadline": 1}, ("ended", "max_duration")),
        ("active", {"alone_since": 1801}, ("ended", "alone")),
        ("active", {"attended_at": 901}, ("ended", "idle")),
    ],
)
def test_a_call_whose_time_is_up_ends(house, call, tenant, before, values, after):
    change(db.session.get(Tenant, tenant.id), last_seen_at=ago(901))
    change(call, state=before, **{name: ago(seconds) for name, seconds in values.items()})

    house.go_round(ODD)

    assert state(call) == after


def test_the_end_by_age_is_announced_before(house, call):
    change(call, goaway_at=ago(0.1))

    house.go_round(ODD)
    assert state(call) == ("active", None)
    change(call, deadline=ago(0.1))
    house.go_round(ODD)

    seqs = {
        type: db.session.query(Event.seq).filter_by(call_id=call.id, type=type).all()[-1]
        for type in ("call.goaway", "call.state")
    }
    assert state(call) == ("ended", "max_duration")
    assert seqs["call.goaway"] < seqs["call.state"]


@on_both_databases
def test_several_live_processes_sweep_and_each_change_is_made_once(app, tenant, desk):
    with app.app_context():
        placement.register(desk.live, [])
        made = [calls.place(tenant.id, Order(platform="room")) for _ in range(4)]
        late, old, *rest = made
        clerk.enter(old.id, desk.id)
        change(old, goaway_at=ago(1))
        for call in (late, *rest):
            change(call, deadline=ago(1))

    def sweep():
        with app.app_context():
            Housekeeping(Desk(app)).go_round(ODD)

    assert at_once(*[sweep] * 3) == [None] * 3

    with app.app_context():
        assert len(told(old, "call.goaway")) == 1
        for call in (late, *rest):
            ends = [each["end_reason"] for each in told(call, "call.state")]
            assert ends == [None, "connect_timeout"]


def test_a_call_that_became_active_meanwhile_does_not_end_for_its_old_deadline(
    house, call, desk, monkeypatch
):
    change(call, state="connecting", deadline=ago(1))
    due = calls.call_states.due

    def then_it_is_answered(at):
        found = due(at)
        db.session.execute(text("UPDATE calls SET state = 'active'"))
        db.session.commit()
        return found

    monkeypatch.setattr(calls.call_states, "due", then_it_is_answered)

    house.go_round(ODD)

    assert state(call) == ("active", None)


def test_an_empty_room_ends(house, tenant):
    empty, fresh = rooms.create(tenant.id), rooms.create(tenant.id)
    change(empty, empty_since=ago(1801))

    house.go_round(ODD)

    db.session.expire_all()
    assert (empty.status, empty.end_reason, fresh.status) == ("ended", "empty", "active")


def test_who_stays_away_has_left_unless_it_comes_back_at_that_moment(house, ann, monkeypatch):
    change(ann, status="away", away_since=ago(16))
    leave = participants.leave

    def comes_back_first(participant_id, *arguments, **more):
        participants.connect(participant_id)
        return leave(participant_id, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(participants, "leave", comes_back_first)
        house.go_round(ODD)
    db.session.refresh(ann)
    assert ann.status == "connected"

    change(ann, status="away", away_since=ago(16))
    house.go_round(ODD)

    db.session.refresh(ann)
    assert ann.status == "left"
