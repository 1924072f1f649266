"""What the rooms dialect's WebSocket says: facts of the domain put into its messages; pure."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.wire import Message

Data = Mapping[str, Any]

CONFIG: dict[str, Any] = {
    "max_participants": None,
    "recording_enabled": True,
    "chat_enabled": True,
    "transcription_enabled": None,
}
_CODES = {
    "invalid_message",
    "unknown_event",
    "invalid_payload",
    "forbidden",
    "not_found",
    "rate_limited",
    "chat_disabled",
    "not_supported",
    "server_error",
    "audio_not_started",
    "invalid_audio",
    "audio_overrun",
    # Before the socket closes.
    "shutting_down",
    "slow_consumer",
    "frame_too_large",
    "token_revoked",
    "removed",
    "replaced",
}
# Words of the domain and of the engine for which this dialect has its own.
_TRANSLATED = {
    "invalid_request": "invalid_payload",
    "invalid_sample_rate": "invalid_payload",
    "text_too_long": "invalid_payload",
    "audio_overflow": "audio_overrun",
    "audio_unsupported": "not_supported",
    "unauthorized": "token_revoked",
    "participant_not_found": "removed",
}


def message(event: str, data: Data) -> Message:
    return {"event": event, "data": data}


def error(
    code: str, text: str, *, event: str | None = None, retry_after: float | None = None
) -> Message:
    data = {"code": code, "message": text, "event": event, "retry_after": retry_after}
    return message("error", data)


def warning(code: str, text: str) -> Message:
    return message("warning", {"code": code, "message": text})


def snapshot(facts: Data, *, replayed: int = 0, reset: bool = False) -> Message:
    """The room as it is now, from the facts that `RoomsWire.welcome` names."""
    room, members = facts["room"], [person(member) for member in facts["participants"]]
    config = CONFIG | dict(room["config"])
    reason = "disabled" if config["transcription_enabled"] is False else "no_provider"
    data = {
        "room_id": room["id"],
        "room": {name: room[name] for name in ("id", "name", "status")} | {"config": config},
        "participants": members,
        "hands": [member["id"] for member in members if member["hand_raised"]],
        "is_recording": False,
        "recording_id": None,
        "messages": [line(written) for written in facts["messages"]],
        "transcription": {"active": False, "reason": reason},
        "last_seq": facts["last_seq"],
        "replayed": replayed,
        "reset": reset,
    }
    return message("room.snapshot", data)


def person(member: Data) -> Message:
    """A participant as everybody in the room sees it."""
    return {
        "id": member["id"],
        "display_name": member["name"],
        "role": member["role"],
        "kind": member["kind"],
        "is_muted": member["self_muted"] or member["host_muted"],
        "self_muted": member["self_muted"],
        "host_muted": member["host_muted"],
        "hand_raised": member.get("hand_raised", False),
        "audio": member.get("audio", False),
        "joined_at": utc(member["joined_at"]),
    }


def line(written: Data) -> Message:
    """A line of the chat, without the sender's own id for it."""
    return {
        "id": written["message_id"],
        "sender_id": written["sender_id"],
        "display_name": written["sender"],
        "text": written["text"],
        "timestamp": utc(written["at"]),
    }


def utc(moment: str | None) -> str | None:
    """An ISO 8601 time in UTC with the letter that this dialect shows for it."""
    return moment.replace("+00:00", "Z") if moment else None


def notice(name: str, fields: Data) -> Message | None:
    """Tell of what is not in the event log; None for what this dialect has no word for."""
    teller = _NOTICES.get(name)
    return teller(fields) if teller else None


def _configured(fields: Data) -> Message:
    rate, native = fields["rate"], fields["native_rate"]
    rates = {"sample_rate": rate, "native_sample_rate": native, "resampling": rate != native}
    shape = {"format": "pcm_s16le", "channels": 1, "frame_duration_ms": 20}
    data = rates | shape | {"frame_bytes": rate // 50 * 2, "receive": fields["receive"]}
    return message("audio.started", data)


def _answer(fields: Data) -> Message | None:
    # A new line comes to everybody as an event; a repeated one only to its sender, here.
    result = fields["result"] or {}
    if fields["name"] != "chat" or result.get("new", True):
        return None
    more = {"client_id": result["client_id"], "seq": result.get("seq")}
    return message("chat.message", line(result) | more)


def _failed(fields: Data) -> Message | None:
    if fields["code"] == "room_ended":
        return None  # The event of that name, or the close code alone, tells of it.
    code = _TRANSLATED.get(fields["code"], fields["code"])
    return error(
        code if code in _CODES else "server_error",
        fields["message"],
        event=fields.get("ref"),
        retry_after=fields.get("retry_after"),
    )


def _goaway(fields: Data) -> Message:
    seconds = fields["in_ms"] // 1000
    return warning(fields["reason"], f"This connection ends in {seconds} seconds.")


def _levels(fields: Data) -> Message:
    levels = {who: round(level, 1) for who, level in fields["levels"].items()}
    return message("audio.levels", {"levels": levels})


def _clock(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


_NOTICES: dict[str, Callable[[Data], Message | None]] = {
    "configured": _configured,
    "stopped_audio": lambda fields: message("audio.stopped", {"reason": fields["reason"]}),
    "pong": lambda fields: message("pong", {"timestamp": _clock(fields["server_time"])}),
    "goaway": _goaway,
    "error": _failed,
    "answer": _answer,
    "levels": _levels,
    "synced": lambda fields: snapshot(fields, replayed=fields["replayed"], reset=fields["reset"]),
}
