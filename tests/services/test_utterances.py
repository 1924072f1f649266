"""What was said in a call."""

import pytest

from app.extensions import db
from app.models import Call, Event
from app.services import calls, utterances
from app.services.calls import Order
from tests.databases import on_both_databases
from tests.fakes import at_once


@pytest.fixture
def call(context, tenant, live):
    return calls.place(tenant.id, Order(platform="room"))


def test_lines_are_numbered_and_told(call):
    for text in ("Hello", "Bye"):
        utterances.add(call, text=text, start=0.5, end=1.5, speaker="Ann", confidence=0.9)

    assert [line["index"] for line in utterances.since(call.id, 0)] == [0, 1]
    assert [line["text"] for line in utterances.since(call.id, 1)] == ["Bye"]
    told = db.session.query(Event).filter_by(call_id=call.id, type="utterance").all()
    assert [event.payload["index"] for event in told] == [0, 1]
    assert db.session.get(Call, call.id, populate_existing=True).transcript_length == 2


def test_the_agents_own_words_have_no_number(call):
    own = utterances.add(call, text="I think", start=0, end=1, own=True)

    assert own.index is None
    assert utterances.since(call.id, 0) == []


@on_both_databases
def test_speakers_at_once_get_numbers_without_gaps(app, tenant, live):
    with app.app_context():
        call_id = calls.place(tenant.id, Order(platform="room")).id

    def speak():
        with app.app_context():
            call = db.session.get(Call, call_id)
            return [utterances.add(call, text="x", start=0, end=1).index for _ in range(5)]

    numbers = at_once(*[speak] * 3)

    assert sorted(number for own in numbers for number in own) == list(range(15))
