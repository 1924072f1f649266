"""Events in the words of the timeline."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.dashboard.timeline import Entry, entries
from app.models import Call, Event

START = datetime(2026, 3, 13, 10, tzinfo=UTC)


def tell(type: str, **payload: Any) -> Entry:
    event = Event(seq=4, type=type, at=START + timedelta(seconds=75), payload=payload)
    (entry,) = entries(Call(created_at=START), [event])
    return entry


def test_an_entry_knows_how_far_into_the_call_it_is() -> None:
    entry = tell("chat.message", sender="Ada", text="Hello")

    assert (entry.seq, entry.elapsed, entry.who, entry.text) == (4, "1:15", "Ada", "Hello")


def test_states_read_as_what_happened() -> None:
    assert tell("call.state", state="connecting", previous=None).title == "Call placed"
    assert tell("call.state", state="active", previous="connecting").title == "Connected"
    missed = tell("call.state", state="missed", previous="ringing", end_reason="ring_timeout")
    assert (missed.title, missed.tone) == ("Missed", "bad")
    assert missed.text == "The agent did not decide in time"


def test_people_come_and_go() -> None:
    assert tell("participant.joined", name="Ada").title == "joined"
    assert tell("participant.left", name="Ada", reason="left").title == "left"
    assert tell("participant.left", name="Ada", reason="removed").title == "was removed"


def test_failures_and_warnings_stand_out() -> None:
    failure = tell("call.error", code="bridge_disconnected", message="Join again.")
    assert (failure.kind, failure.tone, failure.text) == ("error", "bad", "Join again.")
    assert tell("call.goaway", reason="max_duration", in_ms=60_000).tone == "warn"


def test_speech_and_the_end_of_the_room_are_told() -> None:
    assert tell("utterance", speaker="Ada", text="Hello").kind == "speech"
    assert tell("room.ended", reason="empty").text == "Nobody was there for a while"


def test_what_means_nothing_to_a_reader_is_left_out() -> None:
    event = Event(seq=1, type="participant.muted", at=START, payload={})

    assert entries(Call(created_at=START), [event]) == []
