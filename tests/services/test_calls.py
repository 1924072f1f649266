"""Placing and ending calls, as services see it."""

import pytest

from app import ids
from app.bus import BusDown
from app.errors import (
    BridgeUnavailable,
    CallEnded,
    CallNotFound,
    Capacity,
    NotRinging,
    RoomEnded,
    RoomNotFound,
)
from app.extensions import db, transaction
from app.models import Event
from app.models.call import CallState
from app.services import call_states, calls, rooms
from app.services.calls import Order


def place(tenant, **order):
    return calls.place(tenant.id, Order(platform="room", **order))


def ring(tenant, live):
    """Make a call that came from outside: none of the platforms here rings yet."""
    call = place(tenant)
    with transaction():
        call.state, call.direction = CallState.RINGING, "inbound"
    return call


def states(call):
    found = db.session.query(Event).filter_by(call_id=call.id, type="call.state")
    return [event.payload["state"] for event in found.order_by(Event.seq)]


def test_a_call_makes_a_room_and_sends_its_agent_there(context, tenant, live):
    call = place(tenant)

    room = rooms.get(tenant.id, call.room_id)
    assert room.call_id == call.id
    assert calls.agent(call).display_name == "AI Agent"
    assert states(call) == ["connecting"]
    entered = {"room_id": str(room.id), "call_id": str(call.id)}
    assert live.commands() == [{"name": "enter", "arguments": entered}]


@pytest.mark.parametrize("reference", ["id", "name", "link"])
def test_a_call_joins_a_room_by_its_id_its_name_or_its_link(context, tenant, live, reference):
    room = rooms.create(tenant.id, "Weekly sync")
    url = {"id": str(room.id), "name": "weekly SYNC", "link": rooms.standing_link(room)}

    call = place(tenant, meeting_url=url[reference])

    assert call.room_id == room.id
    assert rooms.get(tenant.id, room.id).call_id is None


def test_a_room_of_another_tenant_is_not_found(context, tenant, other, live):
    room = rooms.create(other.id)

    with pytest.raises(RoomNotFound):
        place(tenant, meeting_url=str(room.id))


def test_a_room_that_has_ended_takes_no_calls(context, tenant, live):
    room = rooms.create(tenant.id)
    rooms.end(room.id, "api")

    with pytest.raises(RoomEnded):
        place(tenant, meeting_url=str(room.id))


def test_without_a_live_process_there_is_no_call_and_no_row(context, tenant):
    with pytest.raises(BridgeUnavailable):
        place(tenant)

    assert calls.page(tenant.id, states=None) == ([], 0)


def test_a_full_live_process_takes_no_new_room(context, tenant, live):
    live.register(sockets=1000, capacity=1000)

    with pytest.raises(Capacity):
        place(tenant)


def test_a_draining_live_process_takes_no_new_room(context, tenant, live):
    live.register(draining=True)

    with pytest.raises(Capacity):
        place(tenant)


def test_ending_the_call_a_room_was_made_for_ends_the_room(context, tenant, live):
    call = place(tenant)

    calls.hang_up(call)

    assert rooms.get(tenant.id, call.room_id).status == "ended"


def test_a_room_with_another_call_in_it_goes_on(context, tenant, live):
    call = place(tenant)
    second = place(tenant, meeting_url=str(call.room_id))

    calls.hang_up(call)

    assert rooms.get(tenant.id, call.room_id).status == "active"
    assert calls.get(tenant.id, second.id).state == "connecting"


def test_hanging_up_twice_changes_nothing(context, tenant, live):
    call = calls.hang_up(place(tenant))
    first = call.ended_at

    assert calls.hang_up(call).ended_at == first
    assert states(call) == ["connecting", "ended"]


def test_accepting_makes_a_ringing_call_active(context, tenant, live):
    call = calls.accept(ring(tenant, live))

    assert call.state == "active"
    assert calls.accept(call).state == "active"


def test_a_call_of_our_own_cannot_be_accepted_or_refused(context, tenant, live):
    call = place(tenant)

    with pytest.raises(NotRinging):
        calls.accept(call)
    with pytest.raises(NotRinging):
        calls.refuse(call)
    call_states.activate(call.id)
    with pytest.raises(NotRinging):
        calls.accept(call)


def test_refusing_ends_a_ringing_call_once_and_keeps_the_reason(context, tenant, live):
    call = calls.refuse(ring(tenant, live), "In a meeting")

    assert (call.state, call.end_reason) == ("refused", "refused")
    assert calls.refuse(call).state == "refused"
    with pytest.raises(CallEnded):
        calls.accept(call)
    refusals = db.session.query(Event).filter_by(call_id=call.id, type="call.state")
    assert [event.payload.get("note") for event in refusals][-1] == "In a meeting"


def test_refusing_a_call_that_ended_otherwise_is_a_conflict(context, tenant, live):
    call = calls.hang_up(place(tenant))

    with pytest.raises(CallEnded):
        calls.refuse(call)


def test_a_call_is_found_by_its_tenant_alone(context, tenant, other, live):
    call = place(tenant)

    assert calls.get(tenant.id, call.id) is call
    for tenant_id, call_id in ((other.id, call.id), (tenant.id, ids.new()), (tenant.id, None)):
        with pytest.raises(CallNotFound):
            calls.get(tenant_id, call_id)


def test_calls_are_listed_newest_first_by_state_and_platform(context, tenant, live):
    older, newer = place(tenant), place(tenant)
    calls.hang_up(older)

    assert calls.page(tenant.id) == ([newer], 1)
    assert calls.page(tenant.id, states=None) == ([newer, older], 2)
    assert calls.page(tenant.id, states=None, limit=1, offset=1) == ([older], 2)
    assert calls.page(tenant.id, states=["ended"], platform="room") == ([older], 1)
    assert calls.page(tenant.id, states=None, platform="sip") == ([], 0)
    assert calls.page(tenant.id, states=None, test=True) == ([], 0)


def test_a_call_whose_engine_cannot_be_told_ends_with_the_reason(
    context, tenant, live, monkeypatch
):
    def fail(*_, **__):
        raise BusDown("ConnectionError")

    monkeypatch.setattr("app.services.placement.start", fail)

    call = calls.get(tenant.id, place(tenant).id)

    assert (call.state, call.end_reason) == ("ended", "connect_failed")
    assert call.error_code == "connect_failed"
