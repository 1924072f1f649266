"""How moments, durations and states read on a page."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask

from app import ids
from app.models import Call
from app.models.columns import now

_STEPS = ((60, "min"), (3600, "h"), (86_400, "d"), (86_400 * 30, "mo"), (86_400 * 365, "y"))


@dataclass(frozen=True)
class Badge:
    """A state in words, with the tone that colours it: good, warn, bad or quiet."""

    text: str
    tone: str


_CALL_STATES = {
    "connecting": Badge("Connecting", "warn"),
    "ringing": Badge("Ringing", "warn"),
    "active": Badge("Active", "good"),
    "ended": Badge("Ended", "quiet"),
    "refused": Badge("Refused", "quiet"),
    "missed": Badge("Missed", "bad"),
}
_ROOM_STATES = {
    "scheduled": Badge("Scheduled", "warn"),
    "active": Badge("Open", "good"),
    "ended": Badge("Ended", "quiet"),
}
_REASONS = {
    "hangup": "Hung up",
    "remote_hangup": "The other side hung up",
    "busy": "The other side was busy",
    "no_answer": "Nobody answered",
    "connect_failed": "The connection could not be made",
    "connect_timeout": "Nothing came of the attempt to connect",
    "lobby_timeout": "Nobody let the agent in from the lobby",
    "denied": "The host denied entry",
    "refused": "The agent refused",
    "ring_timeout": "The agent did not decide in time",
    "caller_canceled": "The caller gave up",
    "kicked": "The host removed the agent",
    "room_ended": "The room ended",
    "bridge_disconnected": "The process that ran the room was lost",
    "media_timeout": "No sound arrived any more",
    "alone": "Nobody else was there any more",
    "idle": "Nothing of yours was connected any more",
    "max_duration": "It reached the longest duration allowed",
    "replaced": "The same account joined again",
    "shutdown": "The server was shut down",
    "call_ended": "Its call ended",
    "empty": "Nobody was there for a while",
    "api": "Ended on request",
}


def call_badge(state: str) -> Badge:
    return _CALL_STATES.get(state, Badge(state.capitalize(), "quiet"))


def room_badge(status: str) -> Badge:
    return _ROOM_STATES.get(status, Badge(status.capitalize(), "quiet"))


def reason(code: str | None) -> str:
    """Say an end reason as a sentence without its full stop; an unknown one is shown as it is.

    >>> reason("hangup")
    'Hung up'
    """
    return _REASONS.get(code or "", (code or "").replace("_", " ").capitalize())


def duration(seconds: float) -> str:
    """Say a duration as a clock would.

    >>> duration(42), duration(3725)
    ('0:42', '1:02:05')
    """
    minutes, rest = divmod(max(int(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def ago(moment: datetime) -> str:
    """Say how long ago a moment was, or how far ahead it is, in its largest unit."""
    distance = (now() - moment).total_seconds()
    size = abs(distance)
    if size < 60:
        return "just now" if distance >= 0 else "in a moment"
    unit, name = [step for step in _STEPS if step[0] <= size][-1]
    # What is to come is rounded, or thirty days would read as 29 from the first second on.
    amount = int(size // unit) if distance >= 0 else round(size / unit)
    return f"{amount} {name} ago" if distance >= 0 else f"in {amount} {name}"


def exact(moment: datetime) -> str:
    """Say a moment in full, in UTC."""
    return moment.astimezone(UTC).strftime("%d %B %Y, %H:%M:%S UTC")


def iso(moment: datetime) -> str:
    """Write a moment for a machine (RFC 3339), to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(call: Call) -> float:
    """How long a call has been, or was, connected; 0 if it never was."""
    if call.answered_at is None:
        return 0
    return ((call.ended_at or now()) - call.answered_at).total_seconds()


def public(key: uuid.UUID, prefix: str) -> str:
    """Write a row's id as the APIs do."""
    return ids.public(prefix, key)


def initials(name: str) -> str:
    """Take up to two letters that stand for a name.

    >>> initials("Ada Lovelace"), initials("echo"), initials("")
    ('AL', 'E', '?')
    """
    words = name.split()
    letters = [word[0] for word in (words[:1] + words[1:][-1:])]
    return "".join(letters).upper() or "?"


def register(app: Flask) -> None:
    """Give the templates these words as filters."""
    told = ago, call_badge, duration, exact, initials, iso, public, reason, room_badge, seconds
    for word in told:
        app.add_template_filter(word, word.__name__)
