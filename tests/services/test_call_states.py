"""The state machine of a call: transitions, timers and what is told."""

from datetime import timedelta

import pytest

from app.extensions import db, transaction
from app.models import Call, Event, Tenant
from app.models.call import CallState
from app.models.columns import now
from app.services import call_states, calls, participants
from app.services.calls import Order


@pytest.fixture
def call(context, tenant, live):
    return calls.place(tenant.id, Order(platform="room"))


def told(call, type="call.state"):
    found = db.session.query(Event).filter_by(call_id=call.id, type=type).order_by(Event.seq)
    return [event.payload for event in found]


def change(call, **values):
    with transaction():
        for name, value in values.items():
            setattr(call, name, value)


def swept(call):
    calls.sweep()
    db.session.refresh(call)
    return call.state, call.end_reason


def ago(seconds):
    return now() - timedelta(seconds=seconds)


def test_becoming_active_sets_the_age_limit_and_brings_the_agent_in(call):
    assert call_states.activate(call.id) is True

    assert (call.state, call.state_detail, call.answered_at is not None) == ("active", None, True)
    assert call.deadline - call.created_at == timedelta(hours=4)
    assert call.deadline - call.goaway_at == timedelta(seconds=60)
    assert participants.get(call.tenant_id, call.participant_id).status == "connected"
    assert [(each["previous"], each["state"]) for each in told(call)] == [
        (None, "connecting"),
        ("connecting", "active"),
    ]


def test_a_call_becomes_active_once_and_not_after_its_end(call):
    call_states.activate(call.id)
    assert call_states.activate(call.id) is False

    call_states.finish(call, "hangup")
    assert call_states.activate(call.id) is False
    assert call.state == "ended"


def test_of_two_causes_the_second_finds_nothing_to_do(call):
    assert call_states.finish(call, "hangup") is True
    assert call_states.finish(call, "idle") is False

    assert call.end_reason == "hangup"
    assert len(told(call)) == 2


def test_a_failure_is_told_before_the_state(call):
    calls.finish(call, "bridge_disconnected", error=call_states.BRIDGE_LOST)

    error, state = db.session.query(Event).filter_by(call_id=call.id).order_by(Event.seq)[1:3]
    assert (error.type, error.payload["code"]) == ("call.error", "bridge_disconnected")
    assert "chamade_call_join" in error.payload["message"]
    assert (state.type, state.payload["error"]["code"]) == ("call.state", "bridge_disconnected")


def test_the_agent_leaves_with_its_call(call):
    call_states.activate(call.id)
    call_states.finish(call, "hangup")

    assert participants.get(call.tenant_id, call.participant_id).status == "left"


@pytest.mark.parametrize(
    ("state", "end"),
    [
        (CallState.CONNECTING, ("ended", "connect_timeout")),
        (CallState.RINGING, ("missed", "ring_timeout")),
        (CallState.ACTIVE, ("ended", "max_duration")),
    ],
)
def test_a_call_past_its_deadline_ends_by_its_state(call, state, end):
    change(call, state=state, deadline=ago(1))

    assert swept(call) == end


def test_an_agent_alone_in_a_room_stays_for_half_an_hour(call):
    call_states.activate(call.id)
    change(call, alone_since=ago(1799))
    assert swept(call) == ("active", None)

    change(call, alone_since=ago(1801))
    assert swept(call) == ("ended", "alone")


def test_an_agent_alone_in_a_meeting_stays_for_five_minutes(call):
    call_states.activate(call.id)
    change(call, platform="meet", alone_since=ago(301))

    assert swept(call) == ("ended", "alone")


def test_a_call_nobody_attends_ends_unless_its_tenant_is_about(call, tenant):
    call_states.activate(call.id)
    change(call, attended_at=ago(901), alone_since=None)
    change(db.session.get(Tenant, tenant.id), last_seen_at=ago(10))
    assert swept(call) == ("active", None)

    change(db.session.get(Tenant, tenant.id), last_seen_at=ago(901))
    assert swept(call) == ("ended", "idle")


def test_the_age_limit_is_announced_once(call):
    call_states.activate(call.id)
    change(call, goaway_at=ago(1))

    calls.sweep()
    calls.sweep()

    assert told(call, "call.goaway") == [
        {"platform": "room", "reason": "max_duration", "in_ms": 60_000}
    ]


def test_deadlines_live_in_the_database(app, call):
    change(call, deadline=ago(1))
    call_id = call.id
    db.session.remove()

    with app.app_context():
        calls.sweep()

        assert db.session.get(Call, call_id).end_reason == "connect_timeout"
