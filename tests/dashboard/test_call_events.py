"""The stream behind a call's open page."""

from collections.abc import Callable

import pytest
from flask import Flask

from app import bus, ids
from app.models import Call, Participant
from app.services import calls, chat, events
from tests.dashboard.conftest import Person, told
from tests.fakes import FakeLive

pytestmark = pytest.mark.usefixtures("quick_streams")


def path(call: Call, after: int | None = None) -> str:
    query = "" if after is None else f"?after={after}"
    return f"/dashboard/calls/{ids.public('call', call.id)}/events{query}"


@pytest.fixture
def newest(app: Flask, call: Call) -> int:
    """Number of the call's newest event."""
    with app.app_context():
        return events.last_seq(call.tenant_id)


def test_what_was_missed_comes_first(app: Flask, person: Person, call: Call, newest: int) -> None:
    with app.app_context():
        chat.send(calls.agent(call), "Said <i>meanwhile</i>")

    with person.get(path(call, newest), buffered=False) as reply:
        entry = next(told(reply))

    assert reply.mimetype == "text/event-stream"
    assert entry.event == "entry"
    assert entry.id == str(newest + 1)
    assert "Said &lt;i&gt;meanwhile&lt;/i&gt;" in entry.data


def test_the_browsers_own_position_counts_more(
    app: Flask, person: Person, call: Call, newest: int
) -> None:
    with app.app_context():
        for text in ("one", "two"):
            chat.send(calls.agent(call), text)
    headers = {"Last-Event-ID": str(newest + 1)}

    with person.get(path(call, 0), headers=headers, buffered=False) as reply:
        assert "two" in next(told(reply)).data


def test_news_come_as_they_happen_with_the_parts_they_change(
    person: Person, call: Call, newest: int, enter: Callable[[Call, str], Participant]
) -> None:
    with person.get(path(call, newest), buffered=False) as reply:
        stream = told(reply)
        enter(call, "Grace Hopper")
        found = [next(stream) for _ in range(4)]

    assert "Grace Hopper" in found[0].data
    parts = {message.data["id"]: message.data["html"] for message in found[1:]}
    assert list(parts) == ["call-state", "call-members", "call-actions"]
    for name, html in parts.items():
        assert f'id="{name}"' in html
    assert "Grace Hopper" in parts["call-members"]


def test_other_rooms_are_not_told_of(
    app: Flask, person: Person, call: Call, newest: int, enter: Callable[[Call, str], Participant]
) -> None:
    with app.app_context():
        elsewhere = calls.place(person.tenant_id, calls.Order("room", agent_name="Elsewhere"))

    with person.get(path(call, newest), buffered=False) as reply:
        stream = told(reply)
        enter(elsewhere, "Not here")
        enter(call, "Here")
        assert "Here" in next(stream).data


def test_levels_are_asked_for_and_passed_on(
    app: Flask, person: Person, call: Call, newest: int, live: FakeLive
) -> None:
    live.commands()
    levels = {str(call.participant_id): -12.5}

    with person.get(path(call, newest), buffered=False) as reply:
        chunks = reply.iter_encoded()
        while next(chunks) != b": beat\n\n":  # Comes when it listens.
            pass
        with app.app_context():
            value = {"room_id": str(call.room_id), "levels": levels}
            bus.current().publish(f"levels:{call.room_id}", value)
        message = next(told(reply))

    assert message.event == "levels"
    assert message.data == levels
    watch = {"room_id": str(call.room_id), "seconds": 15}
    assert {"name": "watch", "arguments": watch} in live.commands()


def test_the_stream_ends_with_the_call(app: Flask, person: Person, call: Call, newest: int) -> None:
    with person.get(path(call, newest), buffered=False) as reply:
        stream = told(reply)
        with app.app_context():
            calls.hang_up(calls.get(call.tenant_id, call.id))
        found = list(stream)

    assert "Hung up" in found[0].data
    assert found[-1].event == "over"
    assert found[-1].data == {"state": "ended"}


def test_without_redis_the_log_is_polled(
    app: Flask, person: Person, call: Call, newest: int, configure: Callable[..., None]
) -> None:
    configure(redis_url="unix:///nowhere/redis.sock")

    with person.get(path(call, newest), buffered=False) as reply:
        stream = told(reply)
        with app.app_context():
            chat.send(calls.agent(call), "Still here")
        assert "Still here" in next(stream).data


def test_a_visitor_is_sent_to_the_login(visitor: Person, call: Call) -> None:
    assert visitor.get(path(call)).location.startswith("/login?next=")
