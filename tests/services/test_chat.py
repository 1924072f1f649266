"""The chat inside a room."""

import pytest

from app.extensions import db, transaction
from app.models import Event
from app.services import chat, participants, rooms


@pytest.fixture
def ann(context, tenant):
    with transaction():
        return participants.add(rooms.create(tenant.id), "Ann")


def test_a_line_is_kept_and_told_with_its_sender(ann):
    message, new = chat.send(ann, "Hello", client_id="c1")

    assert (new, message.sender, message.text) == (True, "Ann", "Hello")
    told = db.session.query(Event).filter_by(room_id=ann.room_id, type="chat.message").one()
    assert told.payload == {
        "message_id": str(message.id),
        "sender_id": str(ann.id),
        "sender": "Ann",
        "text": "Hello",
        "client_id": "c1",
    }


def test_another_name_can_be_shown(ann):
    assert chat.send(ann, "Hello", sender="Assistant")[0].sender == "Assistant"


def test_a_repeat_gives_the_first_line_again(ann):
    first, _ = chat.send(ann, "Hello", client_id="c1")

    assert chat.send(ann, "Hello", client_id="c1") == (first, False)
    assert chat.send(ann, "Hello")[1] is True
    assert chat.send(ann, "Hello", client_id="c2")[1] is True


def test_one_senders_ids_are_nothing_to_another(ann, context):
    with transaction():
        bob = participants.add(rooms.get(ann.tenant_id, ann.room_id), "Bob")
    chat.send(ann, "Hello", client_id="c1")

    assert chat.send(bob, "Hi", client_id="c1")[1] is True


def test_the_newest_lines_come_oldest_first(ann):
    lines = [chat.send(ann, str(n))[0] for n in range(3)]

    assert chat.latest(ann.room_id, limit=2) == lines[1:]
