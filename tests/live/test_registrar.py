"""The registrar: what it answers its engine and web processes, and how it ends."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import bus
from app.extensions import db, transaction
from app.live import clerk
from app.models import Call, Participant, Room
from app.services import calls, chat, participants, placement
from app.services.calls import Order
from tests.live.office import arrival, fresh, placed, state
from tests.waiting import until


@pytest.fixture
def call(office, tenant) -> Call:
    """A call that was placed with the registrar and has become active."""
    return placed(tenant.id)


@pytest.fixture
def ann(call) -> Participant:
    with transaction():
        return participants.add(db.session.get(Room, call.room_id), "Ann")


def database_fails(*_: Any) -> None:
    raise OperationalError("SELECT", {}, Exception())


def test_a_placed_call_becomes_active_in_a_room_that_is_ours(call, office):
    assert fresh(db.session.get(Room, call.room_id)).owner == office.registrar.id
    assert office.registrar.pump.rooms() == [call.room_id]


def test_what_happens_reaches_the_engine_between_greeting_and_goodbye(call, ann, office):
    guest = arrival(ann)
    last_seq = office.come(guest)["last_seq"]

    answer = office.ask(guest, "chat", text="hello")

    assert answer["result"]["text"] == "hello"
    chat.send(ann, "again")
    events = [event for event in office.until_line("again") if event["seq"] > last_seq]
    assert [event["seq"] - last_seq for event in events] == [1, 2]


def test_a_guest_whose_last_socket_broke_is_away(call, ann, office):
    guest = arrival(ann)
    office.come(guest)

    office.engine.link.send(guest | {"op": "detached", "last": True, "clean": False})

    until(lambda: fresh(ann).status == "away")
    assert office.registrar.sockets == {}


@pytest.mark.parametrize(
    ("changes", "code", "close"),
    [
        ({"call": str(uuid.uuid4())}, "call_not_found", 4404),
        ({"room": str(uuid.uuid4()), "call": None}, "room_ended", 1000),
        ({"participant": str(uuid.uuid4()), "call": None}, "participant_not_found", 4404),
    ],
)
def test_who_cannot_be_welcomed_is_told_why(call, office, changes, code, close):
    report = arrival(calls.agent(call), call) | changes

    office.engine.link.send(report)

    refusal = office.engine.order("refuse", sid=report["sid"])
    assert (refusal["code"], refusal["close"]) == (code, close)
    assert office.registrar.sockets == {}


def test_who_comes_while_the_database_fails_may_try_again(call, ann, office, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(clerk, "welcome", database_fails)
        office.engine.link.send(arrival(ann))
        assert office.engine.order("refuse")["code"] == "internal_error"
    assert office.registrar.sockets == {}

    assert office.come(arrival(ann))["participants"]


def test_a_stream_of_a_call_that_has_ended_is_refused_or_told_the_end(call, office):
    report = arrival(calls.agent(call), call)
    calls.hang_up(call)

    office.engine.link.send(report)
    assert office.engine.order("refuse", sid=report["sid"])["close"] == 4409

    assert office.come(report | {"last_seq": 0})["state"] == "ended"


def test_an_agent_who_comes_before_the_order_to_enter_begins_its_call(office, tenant, monkeypatch):
    monkeypatch.setattr(calls, "_enter", lambda *_: None)
    call = calls.place(tenant.id, Order(platform="room"))

    assert office.come(arrival(calls.agent(call), call))["state"] == "connecting"

    until(lambda: state(call) == "active")


def test_a_request_while_the_database_fails_is_answered_and_ends_nothing(
    call, ann, office, monkeypatch
):
    guest = arrival(ann)
    office.come(guest)
    with monkeypatch.context() as patch:
        patch.setattr(clerk, "fulfil", database_fails)
        assert office.ask(guest, "chat", text="?")["error"]["code"] == "internal_error"

    assert office.ask(guest, "chat", text="hello")["result"]["text"] == "hello"


@pytest.mark.postgres
@pytest.mark.parametrize("app", ["postgres"], indirect=True)
def test_connections_that_the_database_closed_end_nothing(app, tenant, office):
    """What a restart of the database does to those who use it."""
    call = placed(tenant.id)
    agent = arrival(calls.agent(call), call)
    office.come(agent)

    others = "datname = current_database() AND pid <> pg_backend_pid()"
    db.session.execute(
        text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    )
    until(lambda: "result" in office.ask(agent, "stop_speaking"))

    assert office.ask(agent, "chat", text="hello")["result"]["text"] == "hello"
    assert office.status is None


@pytest.fixture
def asking(app) -> Callable[[Call, str], tuple[threading.Thread, list[Any]]]:
    """Ask a call's room for something over Redis, in a thread, as a web process does."""

    def ask(call: Call, name: str, **arguments: Any) -> tuple[threading.Thread, list[Any]]:
        answers: list[Any] = []
        room_id = call.room_id

        def work() -> None:
            with app.app_context():
                room = db.session.get(Room, room_id)
                answers.append(placement.ask(room, name, **arguments))

        thread = threading.Thread(target=work)
        thread.start()
        return thread, answers

    return ask


def test_a_command_of_a_web_process_is_carried_out_by_the_engine(call, office, asking):
    agent = str(call.participant_id)
    thread, answers = asking(call, "clear", participant_id=agent)

    order = office.engine.order("ask", name="clear")
    assert (order["room"], order["participant"]) == (str(call.room_id), agent)
    office.engine.report("reply", id=order["id"], result=[840, 2100])

    thread.join()
    assert answers == [[840, 2100]]


def test_an_engine_that_takes_too_long_is_not_waited_for(call, office, asking, monkeypatch):
    monkeypatch.setattr("app.live.registrar._ENGINE_PATIENCE", 0.01)
    thread, answers = asking(call, "clear", participant_id=str(call.participant_id))

    order = office.engine.order("ask")
    thread.join()
    office.engine.report("reply", id=order["id"], result=[1, 1])

    assert answers == [None]


def test_levels_are_published_to_whoever_watches(call, office):
    heard = bus.current().listen(f"levels:{call.room_id}", idle=5)
    assert next(heard) is None

    office.engine.report("levels", room=str(call.room_id), levels={"p": -20.5})

    assert next(heard)[1] == {"room_id": str(call.room_id), "levels": {"p": -20.5}}
    heard.close()
