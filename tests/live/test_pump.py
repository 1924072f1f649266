"""The pump: the event log of the rooms of a live process, carried to its engine in order."""

import threading
import time
from typing import Any

import pytest

from app import bus
from app.extensions import db
from app.live import pump
from app.models import Participant, Room
from app.services import chat, participants, rooms
from tests.live.office import Desk
from tests.redises import RedisServer


@pytest.fixture
def room(context, tenant) -> Room:
    return rooms.create(tenant.id)


@pytest.fixture
def ann(room) -> Participant:
    return participants.add(room, "Ann")


@pytest.fixture
def running(desk):
    """Have the pump run in a thread, once it follows what a test wants."""

    def run() -> None:
        thread.start()

    thread = threading.Thread(target=desk.pump.run)
    yield run
    desk.stopping.set()
    if thread.is_alive():
        bus.connect(desk.settings).publish("typing", {})  # It looks up at the next news.
        thread.join()


def lines(desk: Desk, count: int) -> list[str]:
    """The next lines of a chat that the engine is told of."""
    orders = [desk.order() for _ in range(count)]
    assert {order["op"] for order in orders} == {"event"}
    return [order["event"]["payload"]["text"] for order in orders]


def wait_for_listener(desk: Desk) -> None:
    """Return once the pump hears news."""
    redis = bus.connect(desk.settings).redis
    deadline = time.monotonic() + 10
    while not redis.pubsub_numsub(f"{bus.PREFIX}:typing")[0][1]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_happens_in_a_followed_room_is_told_in_order(desk, room, ann, running):
    chat.send(ann, "before")
    desk.pump.follow(room.id)
    running()

    for text in ("one", "two", "three"):
        chat.send(ann, text)

    assert lines(desk, 3) == ["one", "two", "three"]


def test_what_happens_between_following_and_the_first_look_is_told(desk, room, ann, running):
    desk.pump.follow(room.id)
    desk.pump.follow(room.id)
    chat.send(ann, "early")

    running()

    assert lines(desk, 1) == ["early"]


def test_other_rooms_and_forgotten_ones_are_not_told_of(desk, room, ann, tenant, running):
    elsewhere = participants.add(rooms.create(tenant.id), "Bob")
    desk.pump.follow(elsewhere.room_id)
    desk.pump.forget(elsewhere.room_id)
    desk.pump.follow(room.id)
    running()

    chat.send(elsewhere, "not for us")
    chat.send(ann, "for us")

    assert lines(desk, 1) == ["for us"]
    assert desk.pump.rooms() == [room.id]


def test_a_room_that_is_not_there_is_not_followed(desk, tenant, context):
    desk.pump.follow(tenant.id)

    assert desk.pump.rooms() == []


def test_more_than_is_read_in_one_go_is_told_as_well(desk, room, ann, running, monkeypatch):
    monkeypatch.setattr(pump, "_AT_ONCE", 3)
    desk.pump.follow(room.id)
    wanted = [str(number) for number in range(40)]
    for text in wanted:
        chat.send(ann, text)

    running()

    assert lines(desk, 40) == wanted


def test_what_is_in_no_log_is_passed_on_as_it_comes(desk, context, running):
    sign = {"room_id": "r", "participant_id": "p"}
    running()
    wait_for_listener(desk)

    bus.current().publish("revoked", "key")
    bus.current().publish("typing", sign)

    assert desk.order() == {"op": "revoked", "keys": ["key"]}
    assert desk.order() == {"op": "typing", **sign}


def test_events_catch_up_after_redis_came_back_empty(
    desk: Desk, room, ann, running, own_redis: RedisServer
) -> None:
    desk.pump.follow(room.id)
    running()
    wait_for_listener(desk)

    own_redis.stop()
    try:
        chat.send(ann, "while it is away")
        assert lines(desk, 1) == ["while it is away"]
    finally:
        own_redis.start()
    wait_for_listener(desk)
    chat.send(ann, "afterwards")

    assert lines(desk, 1) == ["afterwards"]


def test_a_database_that_fails_is_asked_again(desk, room, ann, running, monkeypatch, caplog):
    def fail_once(*arguments: Any) -> Any:
        monkeypatch.undo()
        db.session.execute(db.text("SELECT nothing"))

    desk.pump.follow(room.id)
    monkeypatch.setattr(pump.events, "of_room", fail_once)
    running()
    chat.send(ann, "hello")

    assert lines(desk, 1) == ["hello"]
    assert "The database failed" in caplog.text
