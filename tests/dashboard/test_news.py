"""The stream behind the lists."""

import pytest
from flask import Flask

from app.models import Call
from app.services import calls, chat, events
from tests.dashboard.conftest import Person, told

pytestmark = pytest.mark.usefixtures("quick_streams")


def test_an_outdated_list_hears_of_it_at_once(app: Flask, person: Person, call: Call) -> None:
    with app.app_context():
        newest = events.last_seq(person.tenant_id)

    with person.get("/dashboard/news?after=0", buffered=False) as reply:
        message = next(told(reply))

    assert (message.event, message.data) == ("news", {"seq": newest})


def test_an_up_to_date_list_waits_for_news(app: Flask, person: Person, call: Call) -> None:
    with app.app_context():
        newest = events.last_seq(person.tenant_id)

    with person.get(f"/dashboard/news?after={newest}", buffered=False) as reply:
        with app.app_context():
            chat.send(calls.agent(call), "News")
        message = next(told(reply))

    assert message.data == {"seq": newest + 1}


def test_news_of_others_are_not_told(
    app: Flask, person: Person, stranger: Person, call: Call
) -> None:
    with app.app_context():
        newest = events.last_seq(person.tenant_id)

    with stranger.get("/dashboard/news", buffered=False) as reply:
        chunks = reply.iter_encoded()
        while next(chunks) != b": beat\n\n":  # Comes when it listens.
            pass
        with app.app_context():
            chat.send(calls.agent(call), "Not for you")
            other = calls.place(stranger.tenant_id, calls.Order("room"))
        message = next(told(reply))

    assert other.tenant_id == stranger.tenant_id
    assert newest > 1
    assert message.data["seq"] == 1
