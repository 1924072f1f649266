"""The clerk: what clients ask for over their sockets."""

import uuid
from typing import Any

import pytest

from app.extensions import db, transaction
from app.live import clerk
from app.models import Call, Event, Participant, Room
from app.services import calls, participants
from app.services.calls import Order
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


def test_a_line_of_the_chat_is_written_once_per_client_id(ann):
    clerk.welcome(arrival(ann))

    first = ask(arrival(ann), "chat", text="hello", client_id="a")["result"]
    again = ask(arrival(ann), "chat", text="hello", client_id="a")["result"]

    assert (first["new"], again["new"]) == (True, False)
    assert first["message_id"] == again["message_id"]
    assert len(told(ann, "chat.message")) == 1


def test_a_mute_is_told_to_the_room(ann):
    clerk.welcome(arrival(ann))

    assert ask(arrival(ann), "mute", muted=True) == {"result": None}

    assert told(ann, "participant.muted")[0]["self_muted"] is True


def test_a_hang_up_ends_the_call(call, agent_there):
    assert ask(agent_there, "hang_up") == {"result": None}

    db.session.refresh(call)
    assert (call.state, call.end_reason) == ("ended", "hangup")


def test_nothing_is_being_said_so_nothing_stops(agent_there):
    stopped = {"canceled": [], "played_ms": 0, "discarded_ms": 0}

    assert ask(agent_there, "stop_speaking") == {"result": stopped}


def test_a_client_can_ask_for_what_it_missed(ann):
    clerk.welcome(arrival(ann))
    seen = clerk.welcome(arrival(ann))["last_seq"]
    ask(arrival(ann), "chat", text="hello")

    facts = ask(arrival(ann), "sync", last_seq=seen)["result"]

    assert [event["payload"]["text"] for event in facts["replay"]] == ["hello"]


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("say", {"text": "hello"}, "no_tts_preset"),
        ("dtmf", {"digits": "1", "duration_ms": 160, "gap_ms": 80}, "capability_missing"),
        ("chat", {"text": "x" * 10_001}, "text_too_long"),
    ],
)
def test_what_cannot_be_done_is_answered_with_its_error(agent_there, name, arguments, code):
    assert ask(agent_there, name, **arguments)["error"]["code"] == code


@pytest.mark.parametrize("name", ["chat", "typing", "say"])
def test_after_the_end_of_a_call_nothing_can_be_done(call, agent_there, name):
    calls.hang_up(call)

    error = ask(agent_there, name, text="too late")["error"]

    assert (error["code"], error["retryable"]) == ("call_ended", False)


def test_a_request_from_somebody_unknown_is_an_error(ann, agent_there):
    stranger = str(uuid.uuid4())
    guest = arrival(ann)

    answers = [
        ask(guest | {"participant": stranger}, "chat", text="?"),
        ask(guest | {"room": stranger}, "sync", last_seq=0),
        ask(agent_there | {"call": stranger}, "hang_up"),
    ]

    codes = [answer["error"]["code"] for answer in answers]
    assert codes == ["participant_not_found", "room_ended", "call_not_found"]
