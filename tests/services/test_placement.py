"""Which live process runs a room."""

import threading
from types import SimpleNamespace

import pytest

from app import bus, ids
from app.errors import BridgeUnavailable, Capacity
from app.services import placement
from tests.fakes import FakeLive


@pytest.fixture
def second(app):
    fake = FakeLive(app, "live-2")
    yield fake
    fake.commands()
    fake.leave()


@pytest.fixture
def room():
    return SimpleNamespace(id=ids.new(), owner=None)


def test_who_registered_is_alive_until_it_leaves(context, live):
    assert [each.id for each in placement.alive()] == ["live-1"]

    live.leave()

    assert placement.alive() == []


def test_who_has_been_silent_for_long_is_taken_as_dead(context, live):
    bus.current().redis.delete(f"{bus.PREFIX}:live:live-1")

    assert placement.alive() == []


def test_the_least_loaded_takes_a_new_room(context, live, second):
    live.register(sockets=20, capacity=100)
    second.register(sockets=30, capacity=1000)

    assert placement.choose().id == "live-2"


def test_nobody_there_and_nobody_free_are_different_answers(context, live):
    live.register(draining=True)
    with pytest.raises(Capacity):
        placement.choose()

    live.leave()
    with pytest.raises(BridgeUnavailable):
        placement.choose()


def test_a_room_stays_with_the_one_who_has_it(context, live, second, room):
    live.register(sockets=0)
    assert placement.claim(room).id == "live-1"

    second.register()
    live.register(sockets=900)

    assert placement.claim(room).id == "live-1"


def test_a_room_whose_process_is_gone_goes_to_another(context, live, second, room):
    placement.claim(room)
    bus.current().redis.delete(f"{bus.PREFIX}:room:{room.id}")
    live.leave()
    second.register()

    assert placement.claim(room).id == "live-2"


def test_a_room_returns_to_its_own_process_when_the_lease_was_lost(context, live, second, room):
    second.register(sockets=999)
    room.owner = "live-2"

    assert placement.claim(room).id == "live-2"


def test_registering_keeps_the_leases_and_names_the_rooms_of_others(context, live, second, room):
    placement.claim(room)
    second.register()
    mine = ids.new()
    other = next(each for each in placement.alive() if each.id == "live-2")

    assert placement.register(other, [room.id, mine]) == [room.id]
    assert placement.claim(SimpleNamespace(id=mine, owner=None)).id == "live-2"


def test_a_lease_is_given_back_by_its_holder_alone(context, live, room):
    placement.claim(room)
    key = f"{bus.PREFIX}:room:{room.id}"

    placement.release(room.id, "live-2")
    assert bus.current().redis.get(key) == "live-1"
    placement.release(room.id, "live-1")
    assert bus.current().redis.get(key) is None


def test_a_command_is_answered_by_the_rooms_process(app, context, live, room):
    def answer():
        command, reply = next(commands)
        reply({"heard": command["arguments"]["word"]})

    commands = bus.current().commands("live-1")
    thread = threading.Thread(target=answer)
    thread.start()

    assert placement.ask(room, "echo", word="hello") == {"heard": "hello"}
    thread.join()


def test_a_command_without_an_answer_is_unavailable(context, live, room, monkeypatch):
    def no_reply(*_, **__):
        raise bus.NoReply("echo")

    monkeypatch.setattr(bus.Bus, "ask", no_reply)

    with pytest.raises(BridgeUnavailable):
        placement.ask(room, "echo")


def test_telling_a_room_that_nobody_runs_does_nothing(context, live, room):
    placement.tell(room.id, "watch", seconds=30)
    assert live.commands() == []

    placement.claim(room)
    placement.tell(room.id, "watch", seconds=30)

    arguments = {"room_id": str(room.id), "seconds": 30}
    assert live.commands() == [{"name": "watch", "arguments": arguments}]


def test_without_redis_nothing_can_be_placed(context, live, room, configure):
    configure(redis_url="unix:///nowhere/redis.sock")

    with pytest.raises(BridgeUnavailable):
        placement.choose()
    with pytest.raises(BridgeUnavailable):
        placement.claim(room)
    placement.tell(room.id, "watch")
