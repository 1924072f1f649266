"""What the rooms dialect's WebSocket says: facts of the domain put into its messages; pure."""

from collections.abc import Callable, Mapping
from typing import Any

from app.wire import Message

Data = Mapping[str, Any]

CONFIG = {
    "max_participants": None,
    "recording_enabled": True,
    "chat_enabled": True,
    "transcription_enabled": None,
}
CLOSES = {
    "room_ended": 1000,
    "shutting_down": 1001,
    "slow_consumer": 1008,
    "frame_too_large": 1009,
    "server_error": 1011,
    "token_revoked": 4401,
    "removed": 4403,
    "room_not_found": 4404,
    "replaced": 4409,
    "rate_limited": 4429,
}
_CLOSE_TEXTS = {
    "shutting_down": "The server is shutting down; connect again.",
    "slow_consumer": "Too many messages were left unread.",
    "frame_too_large": "A text message may have 64 KiB, a binary one 1 MiB.",
    "server_error": "Something went wrong on our side; connect again.",
    "token_revoked": "The tokens of this participant were revoked.",
    "removed": "You were removed from the room.",
    "room_not_found": "The room is no longer here.",
    "replaced": "A newer connection of the same participant took over.",
    "rate_limited": "Too many messages.",
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
}
_TRANSLATED = {
    "invalid_request": "invalid_payload",
    "invalid_sample_rate": "invalid_payload",
    "text_too_long": "invalid_payload",
    "audio_overflow": "audio_overrun",
    "audio_unsupported": "not_supported",
    "participant_not_found": "not_found",
    "room_not_found": "not_found",
}

def _configured(fields: Data) -> Message:
    rate, native = fields["rate"], fields["native_rate"]
    settings = {"sample_rate": rate, "native_sample_rate": native, "resampling": rate != native}
    shape = {"format": "pcm_s16le", "channels": 1, "frame_duration_ms": 20}
    data = settings | shape | {"frame_bytes": rate // 50 * 2, "receive": fields["receive"]}
    return message("audio.started", data)


def _answer(fields: Data) -> Message | None:
    """Give a repeated chat line to its sender again; a new one comes as an event to everybody."""
    result = fields["result"]
    if fields["name"] != "chat" or result.get("new", True):
        return None
    data = chat(result) | {"client_id": result["client_id"]}
    return message("chat.message", data | {"seq": result.get("seq")})


def _levels(fields: Data) -> Message:
    levels = {key: round(level, 1) for key, level in fields["levels"].items()}
    return message("audio.levels", {"levels": levels})


def _goaway(fields: Data) -> Message:
    return warning(fields["reason"], f"The room goes away in {fields['in_ms'] // 1000} seconds.")


def _failed(fields: Data) -> Message:
    code = _TRANSLATED.get(fields["code"], fields["code"])
    known = code if code in _CODES else "server_error"
    return error(known, fields["message"], fields.get("ref"), fields.get("retry_after"))


_NOTICES: dict[str, Callable[[Data], Message | None]] = {
    "configured": _configured,
    "stopped_audio": lambda fields: message("audio.stopped", {"reason": fields["reason"]}),
    "pong": lambda fields: message("pong", {"timestamp": utc(fields["server_time"])}),
    "goaway": _goaway,
    "error": _failed,
    "answer": _answer,
    "levels": _levels,
    "synced": lambda fields: snapshot(fields, fields["replayed"], fields["reset"]),
}


def snapshot(facts: Data, replayed: int, reset: bool) -> Message:
    room, participants = facts["room"], [participant(one) for one in facts["participants"]]
    config = CONFIG | room["config"]
    reason = "disabled" if config["transcription_enabled"] is False else "no_provider"
    data = {
        "room_id": room["id"],
        "room": {name: room[name] for name in ("id", "name", "status")} | {"config": config},
        "participants": participants,
        "hands": [one["id"] for one in participants if one["hand_raised"]],
        "is_recording": False,
        "recording_id": None,
        "messages": [chat(one) for one in facts["messages"]],
        "transcription": {"active": False, "reason": reason},
        "last_seq": facts["last_seq"],
        "replayed": replayed,
        "reset": reset,
    }
    return message("room.snapshot", data)


def participant(member: Data) -> dict[str, Any]:
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


def chat(line: Data) -> dict[str, Any]:
    return {
        "id": line["message_id"],
        "sender_id": line["sender_id"],
        "display_name": line["sender"],
        "text": line["text"],
        "timestamp": utc(line["at"]),
    }


def utc(moment: str | None) -> str | None:
    return moment.replace("+00:00", "Z") if moment else None


def warning(code: str, text: str) -> Message:
    return message("warning", {"code": code, "message": text})


def error(
    code: str, text: str, event: str | None = None, retry_after: float | None = None
) -> Message:
    data = {"code": code, "message": text, "event": event, "retry_after": retry_after}
    return message("error", data)


def message(event: str, data: Data) -> Message:
    return {"event": event, "data": data}
