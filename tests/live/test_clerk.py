"""The clerk: rows, events and facts of sockets that come, talk and go."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from app.errors import CallEnded, CallNotFound, ParticipantNotFound, RoomEnded
from app.extensions import db, transaction
from app.live import clerk
from app.models import Call, Event, Participant, Room
from app.models.columns import now
from app.services import calls, participants, rooms
from app.services.calls import Order
from tests.databases import on_both_databases
from tests.fakes import at_once
from tests.live.office import arrival


@pytest.fixture
def call(context, tenant, live) -> Call:
    """A call whose agent is in its room."""
    found = calls.place(tenant.id, Order(platform="room"))
    clerk.enter(found.id, "live-1")
    return found


@pytest.fixture
def agent_there(call) -> dict[str, Any]:
    return arrival(calls.agent(call), call)


@pytest.fixture
def ann(call) -> Participant:
    """A guest who has a seat and no socket yet."""
    with transaction():
        return participants.add(db.session.get(Room, call.room_id), "Ann")


def told(row, type: str) -> list[dict[str, Any]]:
    room_id = row.room_id if isinstance(row, Call | Participant) else row.id
    found = db.session.query(Event).filter_by(room_id=room_id, type=type).order_by(Event.seq)
    return [event.payload for event in found]


def ask(report, name: str, **arguments: Any) -> Any:
    return clerk.fulfil(report | {"name": name, "arguments": arguments, "ref": None})


def test_entering_begins_the_call_and_says_who_runs_its_room(context, tenant, live):
    call = calls.place(tenant.id, Order(platform="room"))

    assert clerk.enter(call.id, "live-7") is True
    assert clerk.enter(call.id, "live-7") is True

    assert (call.state, db.session.get(Room, call.room_id).owner) == ("active", "live-7")
    assert [each["state"] for each in told(call, "call.state")] == ["connecting", "active"]
    assert [each["kind"] for each in told(call, "participant.joined")] == ["agent"]


def test_a_call_that_is_over_or_unknown_is_not_entered(call):
    calls.hang_up(call)

    assert clerk.enter(call.id, "live-1") is False
    assert clerk.enter(uuid.uuid4(), "live-1") is False


def test_a_guest_is_greeted_with_the_room_as_it_is(call, ann):
    ask(arrival(calls.agent(call), call), "chat", text="hello", sender_name="Robot")

    facts = clerk.welcome(arrival(ann))

    assert (facts["state"], facts["rate"]) == ("active", 48_000)
    assert facts["room"]["id"] == str(call.room_id)
    assert [(p["name"], p["kind"]) for p in facts["participants"]] == [
        (call.agent_name, "agent"),
        ("Ann", "person"),
    ]
    assert [(line["sender"], line["text"]) for line in facts["messages"]] == [("Robot", "hello")]
    assert (facts["replay"], facts["gap"]) == (None, None)
    assert told(call, "participant.joined")[-1]["name"] == "Ann"
    assert facts["last_seq"] == told_last(call)


def told_last(call: Call) -> int:
    return db.session.query(Event).filter_by(room_id=call.room_id).order_by(-Event.seq)[0].seq


def test_a_second_socket_of_a_guest_is_no_news(ann):
    clerk.welcome(arrival(ann))
    clerk.welcome(arrival(ann))

    assert len([each for each in told(ann, "participant.joined") if each["name"] == "Ann"]) == 1


def test_an_agents_stream_keeps_its_call_from_ending_as_idle(call, agent_there):
    with transaction():
        call.attended_at = long_ago = now() - timedelta(hours=1)

    facts = clerk.welcome(agent_there)

    db.session.refresh(call)
    assert call.attended_at > long_ago
    assert facts["capabilities"] == call.capabilities


def test_a_room_that_has_ended_welcomes_nobody(ann):
    rooms.end(ann.room_id, "api")

    with pytest.raises(RoomEnded):
        clerk.welcome(arrival(ann))


def test_a_room_or_a_call_that_is_not_there_welcomes_nobody(call, ann, agent_there):
    with pytest.raises(RoomEnded):
        clerk.welcome(arrival(ann, room=str(uuid.uuid4())))
    with pytest.raises(CallNotFound):
        clerk.welcome(agent_there | {"call": str(uuid.uuid4())})


def test_who_was_removed_is_not_welcome(ann):
    participants.leave(ann.id, "removed")

    with pytest.raises(ParticipantNotFound):
        clerk.welcome(arrival(ann))


def test_a_call_that_ended_on_the_way_is_told_to_those_who_ask_for_what_they_missed(
    call, agent_there
):
    last_seq = clerk.welcome(agent_there)["last_seq"]
    calls.hang_up(call)

    with pytest.raises(CallEnded):
        clerk.welcome(agent_there)
    facts = clerk.welcome(agent_there | {"last_seq": last_seq})

    assert facts["state"] == "ended"
    assert [event["payload"]["state"] for event in facts["replay"] if event["call_id"]] == ["ended"]


def test_what_was_missed_begins_behind_the_last_event_that_was_seen(call, agent_there, ann):
    seen = clerk.welcome(agent_there)["last_seq"]
    clerk.welcome(arrival(ann))
    ask(arrival(ann), "chat", text="hello")

    facts = clerk.welcome(agent_there | {"last_seq": seen})

    assert [event["type"] for event in facts["replay"]] == ["participant.joined", "chat.message"]
    assert [event["seq"] for event in facts["replay"]] == [seen + 1, seen + 2]
    assert facts["last_seq"] == seen + 2


def test_what_concerns_another_call_is_not_replayed(call, tenant, agent_there, live):
    other = calls.place(tenant.id, Order(platform="room", meeting_url=str(call.room_id)))
    clerk.enter(other.id, "live-1")

    facts = clerk.welcome(agent_there | {"last_seq": 0})

    assert {event["call_id"] for event in facts["replay"]} == {None, str(call.id)}


def test_a_guest_who_missed_too_much_gets_the_room_as_it_is(call, ann, agent_there, monkeypatch):
    monkeypatch.setattr(clerk, "MAX_REPLAY", 3)
    seen = clerk.welcome(arrival(ann))["last_seq"]
    for number in range(3):
        ask(agent_there, "chat", text=str(number))
    assert len(clerk.welcome(arrival(ann, last_seq=seen))["replay"]) == 3

    ask(agent_there, "chat", text="one too many")

    assert clerk.welcome(arrival(ann, last_seq=seen))["replay"] is None
    assert len(clerk.welcome(agent_there | {"last_seq": seen})["replay"]) == 4


def test_events_that_are_no_longer_kept_are_a_gap(call, agent_there):
    with transaction():
        db.session.execute(delete(Event).where(Event.room_id == call.room_id, Event.seq < 3))

    assert clerk.welcome(agent_there | {"last_seq": 0})["gap"] == (0, 3)
    assert clerk.welcome(agent_there | {"last_seq": 2})["gap"] is None


@pytest.mark.parametrize(
    ("last", "clean", "status"),
    [(False, True, "connected"), (True, True, "left"), (True, False, "away")],
)
def test_whoever_loses_the_last_socket_is_away_or_has_left(ann, last, clean, status):
    clerk.welcome(arrival(ann))

    clerk.depart(arrival(ann, op="detached", last=last, clean=clean))

    db.session.refresh(ann)
    assert ann.status == status
    assert len(told(ann, "participant.left")) == (status == "left")


def test_an_agents_lost_stream_leaves_its_call_as_it_is(call, agent_there):
    with transaction():
        call.attended_at = long_ago = now() - timedelta(hours=1)

    clerk.depart(agent_there | {"op": "detached", "last": True, "clean": False})

    db.session.refresh(call)
    assert (call.state, calls.agent(call).status) == ("active", "connected")
    assert call.attended_at > long_ago


@on_both_databases
def test_a_room_of_the_dead_is_given_up_once_by_several_who_notice(app, tenant, live):
    with app.app_context():
        call = calls.place(tenant.id, Order(platform="room"))
        clerk.enter(call.id, "dead")
        with transaction():
            ann = participants.add(db.session.get(Room, call.room_id), "Ann")
        clerk.welcome(arrival(ann))

    def give_up():
        with app.app_context():
            return clerk.abandon(call.room_id, "dead")

    outcomes = at_once(*[give_up] * 3)

    with app.app_context():
        assert sorted(outcomes) == [False, False, True]
        assert len(told(call, "call.error")) == 1
        assert [each["end_reason"] for each in told(call, "call.state")] == [
            None,
            None,
            "bridge_disconnected",
        ]
        assert db.session.get(Participant, ann.id).status == "away"
        room = db.session.get(Room, call.room_id)
        assert (room.owner, room.status) == (None, "active")


def test_a_room_that_somebody_else_runs_by_now_is_not_given_up(call):
    clerk.own(call.room_id, "live-2")

    assert clerk.abandon(call.room_id, "live-1") is False
    assert call.state == "active"
