"""Redis between processes: news, commands and replies."""

import threading
import time
from itertools import islice

import pytest

from app import bus, ids
from app.bus import BusDown, NoReply


@pytest.fixture
def name():
    return f"live-{ids.new()}"


@pytest.fixture
def served(app, context, name):
    """Run a function on the next command of a live process; returns what it was told."""

    def serve(answer):
        def work():
            command, reply = next(commands)
            told.append(command)
            reply(answer)

        told = []
        commands = bus.connect(app.config["SETTINGS"]).commands(name)
        thread = threading.Thread(target=work)
        thread.start()
        threads.append(thread)
        return told

    threads = []
    yield serve
    for thread in threads:
        thread.join()


def test_a_command_is_carried_out_and_answered(served, name):
    told = served([1, {"a": None}])

    assert bus.current().ask(name, "echo", {"word": "hello"}) == [1, {"a": None}]
    assert (told[0]["name"], told[0]["arguments"]) == ("echo", {"word": "hello"})


def test_a_command_can_go_out_without_waiting(served, name):
    told = served("nobody reads this")

    bus.current().send(name, "enter", {})

    for _ in range(100):
        if told:
            break
        time.sleep(0.02)
    assert told[0]["name"] == "enter"


def test_nobody_answers_in_time(context, name):
    with pytest.raises(NoReply):
        bus.current().ask(name, "echo", {}, timeout=0.05)


def test_a_command_found_too_late_is_left(context, name, monkeypatch):
    with pytest.raises(NoReply):
        bus.current().ask(name, "late", {}, timeout=0.05)
    bus.current().send(name, "current", {})

    command, _ = next(bus.current().commands(name))

    assert command["name"] == "current"


def test_listeners_hear_what_is_published_on_their_channels(context, name):
    heard = bus.current().listen(name, "events", idle=0.05)
    assert next(heard) is None

    bus.current().publish("elsewhere", 1)
    bus.current().publish(name, {"a": 1})
    bus.current().announce({(ids.new(), None): 7})

    found = list(islice(filter(None, heard), 2))
    assert found[0] == (name, {"a": 1})
    assert found[1][0] == "events"
    assert found[1][1][1:] == [None, 7]
    heard.close()


def test_a_silent_redis_is_told_apart_from_everything_else(context, configure):
    configure(redis_url="unix:///nowhere/redis.sock")
    silent = bus.current()

    for use in (
        lambda: silent.publish("x", 1),
        lambda: silent.announce({(ids.new(), ids.new()): 1}),
        lambda: silent.send("x", "y", {}),
        lambda: silent.ask("x", "y", {}),
        lambda: next(silent.listen("x")),
    ):
        with pytest.raises(BusDown):
            use()


def test_a_process_has_one_bus_for_its_settings(context):
    assert bus.current() is bus.current()
