"""A call's events as entries of its timeline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.dashboard import words
from app.models import Call, Event


@dataclass(frozen=True)
class Entry:
    """One line of the timeline. `kind` chooses its mark, `tone` colours the mark.

    `who` and `text` are what somebody wrote or said; they are shown as they are.
    """

    seq: int
    at: datetime
    elapsed: str
    kind: str  # state, person, chat, speech or error.
    title: str
    tone: str = "quiet"
    who: str = ""
    text: str = ""


def entries(call: Call, events: Sequence[Event]) -> list[Entry]:
    """Put events into words, in their order; those that mean nothing to a reader are left out."""
    made = []
    for event in events:
        tell = _TELLERS.get(event.type)
        if tell is not None:
            elapsed = words.duration((event.at - call.created_at).total_seconds())
            made.append(Entry(event.seq, event.at, elapsed, **tell(event.payload)))
    return made


def _state(payload: dict[str, Any]) -> dict[str, Any]:
    why = words.reason(payload.get("end_reason"))
    if payload["state"] == "active":
        return {"kind": "state", "title": "Connected", "tone": "good"}
    if payload.get("previous") is None:
        return {"kind": "state", "title": "Call placed"}
    badge = words.call_badge(payload["state"])
    return {"kind": "state", "title": badge.text, "tone": badge.tone, "text": why}


def _error(payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "error",
        "title": words.reason(payload.get("code")),
        "tone": "bad",
        "text": payload.get("message") or "",
    }


def _goaway(payload: dict[str, Any]) -> dict[str, Any]:
    seconds = round(payload.get("in_ms", 0) / 1000)
    return {"kind": "state", "title": f"Ends in {seconds} s: it is as old as a call may get",
            "tone": "warn"}  # fmt: skip


def _joined(payload: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "person", "title": "joined", "who": payload["name"], "tone": "good"}


def _left(payload: dict[str, Any]) -> dict[str, Any]:
    removed = payload.get("reason") == "removed"
    return {"kind": "person", "title": "was removed" if removed else "left", "who": payload["name"]}


def _chat(payload: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "chat", "title": "", "who": payload["sender"], "text": payload["text"]}


def _utterance(payload: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "speech", "title": "", "who": payload["speaker"], "text": payload["text"]}


def _room_ended(payload: dict[str, Any]) -> dict[str, Any]:
    why = words.reason(payload.get("reason"))
    return {"kind": "state", "title": "Room closed", "text": why}


_TELLERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "call.state": _state,
    "call.error": _error,
    "call.goaway": _goaway,
    "participant.joined": _joined,
    "participant.left": _left,
    "chat.message": _chat,
    "utterance": _utterance,
    "room.ended": _room_ended,
}
