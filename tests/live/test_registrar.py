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
from app.live.registrar import Registrar
from app.models import Call, Participant, Room
from app.services import calls, chat, participants, placement, rooms
from app.services.calls import Order
from tests.databases import on_both_databases
from tests.live.office import FakeEngine, Office, arrival
from tests.redises import RedisServer
from tests.waiting import until


@pytest.fixture
def listed(app, office: Office, context) -> Office:
    """A registrar that is on the list, so that it gets calls."""
    until(lambda: bool(placement.alive()))
    return office


@pytest.fixture
def call(listed, tenant) -> Call:
    """A call that was placed with the registrar and has become active."""
    found = calls.place(tenant.id, Order(platform="room"))
    until(lambda: state(found) == "active")
    return found


@pytest.fixture
def ann(call) -> Participant:
    with transaction():
        return participants.add(db.session.get(Room, call.room_id), "Ann")


def state(call: Call) -> str:
    db.session.expire_all()
    return call.state


def come(office: Office, report: dict[str, Any]) -> dict[str, Any]:
    """Let a socket come; returns the greeting's facts."""
    office.engine.link.send(report)
    return office.engine.order("welcome", sid=report["sid"])["facts"]


def ask(office: Office, report: dict[str, Any], name: str, **arguments: Any) -> dict[str, Any]:
    """Let a client ask for something over its socket; returns the answer."""
    request = {"op": "request", "name": name, "ref": "r", "arguments": arguments}
    office.engine.link.send(report | request)
    return office.engine.order("answer", sid=report["sid"], ref="r")


def test_a_placed_call_becomes_active_in_a_room_that_is_ours(call, listed):
    assert db.session.get(Room, call.room_id).owner == listed.registrar.id
    assert listed.registrar.pump.rooms() == [call.room_id]


def test_what_happens_reaches_the_engine_between_greeting_and_goodbye(call, ann, listed):
    guest = arrival(ann)
    last_seq = come(listed, guest)["last_seq"]

    answer = ask(listed, guest, "chat", text="hello")

    assert answer["result"]["text"] == "hello"
    chat.send(ann, "again")
    events = [listed.engine.order("event")["event"]]
    while events[-1]["payload"].get("text") != "again":
        events.append(listed.engine.order("event")["event"])
    assert [event["seq"] for event in events if event["seq"] > last_seq] == [
        last_seq + 1,
        last_seq + 2,
    ]


def test_a_guest_whose_last_socket_broke_is_away(call, ann, listed):
    guest = arrival(ann)
    come(listed, guest)

    listed.engine.link.send(guest | {"op": "detached", "last": True, "clean": False})

    until(lambda: fresh(ann).status == "away")
    assert listed.registrar.sockets == {}


def fresh(row: Any) -> Any:
    db.session.refresh(row)
    return row


@pytest.mark.parametrize(
    ("changes", "code", "close"),
    [
        ({"call": str(uuid.uuid4())}, "call_not_found", 4404),
        ({"room": str(uuid.uuid4()), "call": None}, "room_ended", 1000),
        ({"participant": str(uuid.uuid4()), "call": None}, "participant_not_found", 4404),
        ({"room": "no id"}, "internal_error", 4500),
    ],
)
def test_who_cannot_be_welcomed_is_told_why(call, listed, changes, code, close):
    report = arrival(calls.agent(call), call, **changes)

    listed.engine.link.send(report)

    refusal = listed.engine.order("refuse", sid=report["sid"])
    assert (refusal["code"], refusal["close"]) == (code, close)
    assert listed.registrar.sockets == {}


def test_a_stream_of_a_call_that_has_ended_is_refused_or_told_the_end(call, listed):
    report = arrival(calls.agent(call), call)
    calls.hang_up(call)

    listed.engine.link.send(report)
    assert listed.engine.order("refuse", sid=report["sid"])["close"] == 4409

    assert come(listed, report | {"last_seq": 0})["state"] == "ended"


def test_an_agent_who_comes_before_the_order_to_enter_begins_its_call(listed, tenant, monkeypatch):
    monkeypatch.setattr(calls, "_enter", lambda *_: None)
    call = calls.place(tenant.id, Order(platform="room"))

    assert come(listed, arrival(calls.agent(call), call))["state"] == "connecting"

    until(lambda: state(call) == "active")


def test_a_request_while_the_database_fails_is_answered_and_ends_nothing(
    call, ann, listed, monkeypatch
):
    def fail(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception())

    guest = arrival(ann)
    come(listed, guest)
    with monkeypatch.context() as patch:
        patch.setattr(clerk, "fulfil", fail)
        assert ask(listed, guest, "chat", text="?")["error"]["code"] == "internal_error"

    assert ask(listed, guest, "chat", text="hello")["result"]["text"] == "hello"


@on_both_databases
def test_connections_that_the_database_closed_end_nothing(app, tenant, listed):
    call = calls.place(tenant.id, Order(platform="room"))
    until(lambda: state(call) == "active")
    agent = arrival(calls.agent(call), call)
    come(listed, agent)

    _close_all_connections()
    until(lambda: "result" in ask(listed, agent, "stop_speaking"))

    assert ask(listed, agent, "chat", text="hello")["result"]["text"] == "hello"
    assert listed.status is None


def _close_all_connections() -> None:
    """Do what a restart of the database does to those who use it."""
    db.session.close()
    if db.engine.dialect.name == "postgresql":
        own = "SELECT pg_backend_pid()"
        others = f"datname = current_database() AND pid <> ({own})"
        db.session.execute(
            text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        )
        db.session.close()
    db.engine.dispose()


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


def test_a_command_of_a_web_process_is_carried_out_by_the_engine(call, listed, asking):
    agent = str(call.participant_id)
    thread, answers = asking(call, "clear", participant_id=agent)

    order = listed.engine.order("ask", name="clear")
    assert (order["room"], order["participant"]) == (str(call.room_id), agent)
    listed.engine.report("reply", id=order["id"], result=[840, 2100])

    thread.join()
    assert answers == [[840, 2100]]


def test_an_engine_that_takes_too_long_is_not_waited_for(call, listed, asking, monkeypatch):
    monkeypatch.setattr("app.live.registrar._ENGINE_PATIENCE", 0.01)
    thread, answers = asking(call, "clear", participant_id=str(call.participant_id))

    order = listed.engine.order("ask")
    thread.join()
    listed.engine.report("reply", id=order["id"], result=[1, 1])

    assert answers == [None]


def test_levels_are_published_to_whoever_watches(call, listed):
    heard = bus.current().listen(f"levels:{call.room_id}", idle=5)
    assert next(heard) is None

    listed.engine.report("levels", room=str(call.room_id), levels={"p": -20.5})

    assert next(heard)[1] == {"room_id": str(call.room_id), "levels": {"p": -20.5}}
    heard.close()


def test_after_redis_came_back_empty_everything_goes_on(
    call, ann, listed, tenant, own_redis: RedisServer
):
    guest = arrival(ann)
    come(listed, guest)

    own_redis.stop()
    assert ask(listed, guest, "chat", text="without")["result"]["text"] == "without"
    assert listed.engine.order("event")["event"]["payload"]
    own_redis.start()

    until(lambda: [live.id for live in placement.alive()] == [listed.registrar.id])
    lease = f"{bus.PREFIX}:room:{call.room_id}"
    until(lambda: bus.current().redis.get(lease) == listed.registrar.id)
    until(lambda: bool(bus.current().redis.pubsub_numsub(bus.EVENTS)[0][1]))
    later = calls.place(tenant.id, Order(platform="room", meeting_url=str(call.room_id)))
    until(lambda: state(later) == "active")
    assert state(call) == "active"


def test_when_the_engine_dies_its_calls_end_with_a_reason(call, ann, listed):
    come(listed, arrival(ann))

    listed.engine.die()

    assert listed.end() == 1
    assert (state(call), call.end_reason) == ("ended", "bridge_disconnected")
    assert call.error_code == "bridge_disconnected"
    assert (fresh(ann).status, db.session.get(Room, call.room_id).owner) == ("away", None)
    assert placement.alive() == []
    assert bus.current().redis.get(f"{bus.PREFIX}:room:{call.room_id}") is None


def test_an_engine_that_dies_while_redis_is_away_leaves_nothing_unwritten(
    call, listed, own_redis: RedisServer
):
    own_redis.stop()
    try:
        listed.engine.die()

        assert listed.end() == 1
        assert (state(call), call.end_reason) == ("ended", "bridge_disconnected")
    finally:
        own_redis.start()


def test_told_to_stop_it_ends_in_good_order(call, ann, listed):
    guest = arrival(ann)
    come(listed, guest)

    listed.registrar.stop()
    listed.registrar.stop()
    listed.engine.order("stop")
    # Its last words, before it closes the line.
    listed.engine.link.send(guest | {"op": "detached", "last": True, "clean": False})

    assert listed.end() == 0
    assert (state(call), call.end_reason, call.error_code) == ("ended", "shutdown", None)
    assert fresh(ann).status == "away"
    assert placement.alive() == []


def test_draining_it_ends_when_its_last_room_does(call, listed, tenant):
    listed.registrar.drain()
    until(lambda: placement.alive()[0].draining)
    assert state(call) == "active"

    calls.hang_up(call)

    listed.engine.order("stop")
    assert listed.end() == 0


def test_what_waits_for_a_dead_engine_is_given_up(app, context, tenant):
    """An engine that dies before it was ever ready."""
    engine = FakeEngine()
    registrar = Registrar(app, app.config["SETTINGS"], engine.start)

    engine.die()

    assert registrar.run() == 1
    assert placement.alive() == []


def test_two_registrars_share_the_rooms_and_each_knows_its_own(listed, app, tenant):
    second = Office(app)
    try:
        until(lambda: len(placement.alive()) == 2)
        second.engine.report("load", sockets=5, rooms=0, clock={})
        until(lambda: {live.sockets for live in placement.alive()} == {0, 5})
        room = rooms.create(tenant.id)
        first_call = calls.place(tenant.id, Order(platform="room", meeting_url=str(room.id)))
        until(lambda: state(first_call) == "active")
        assert fresh(room).owner == listed.registrar.id

        listed.engine.report("load", sockets=9, rooms=1, clock={})
        until(lambda: {live.sockets for live in placement.alive()} == {9, 5})
        other_call = calls.place(tenant.id, Order(platform="room"))
        until(lambda: state(other_call) == "active")
        beside = calls.place(tenant.id, Order(platform="room", meeting_url=str(room.id)))
        until(lambda: state(beside) == "active")

        assert second.registrar.pump.rooms() == [other_call.room_id]
        assert listed.registrar.pump.rooms() == [room.id]
    finally:
        second.end()
    assert (state(first_call), state(other_call)) == ("active", "ended")
    assert [live.id for live in placement.alive()] == [listed.registrar.id]
