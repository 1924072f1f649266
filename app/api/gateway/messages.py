"""What the gateway dialect's streams are told, made from events and notices."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from app import ids
from app.wire import Message

Fields = Mapping[str, Any]

_ROLES = {"agent": "agent", "bridge": "caller"}


def audio(rate: int) -> Message:
    """Describe PCM at a rate in Hz."""
    return {
        "sample_rate": rate,
        "format": "pcm_s16le",
        "channels": 1,
        "frame_duration_ms": 20,
        "frame_bytes": rate // 25,
    }


def person(payload: Fields, count: int) -> Message:
    """Tell of somebody who is there; `count` is how many are."""
    role = _ROLES.get(payload["kind"]) or ("host" if payload["role"] == "host" else "guest")
    return {
        "type": "participant_joined",
        "participant_id": payload["id"],
        "name": payload["name"],
        "role": role,
        "platform_user_id": payload.get("external_user_id"),
        "participants": count,
    }


def gap(missing: tuple[int, int] | None) -> list[Message]:
    """Tell that events between two numbers are no longer kept."""
    if missing is None:
        return []
    return [{"type": "gap", "after_seq": missing[0], "first_seq": missing[1]}]


def event(event: Fields, own_id: str) -> Message | None:
    """Tell of an event; None for what a stream is not told, the agent's own doings included."""
    build = _EVENTS.get(event["type"])
    message = build(event["payload"], own_id) if build is not None else None
    if message is None or event["type"] == "call.goaway":
        return message
    return message | {"seq": event["seq"], "at": event["at"]}


def notice(name: str, fields: Fields) -> Message | None:
    """Tell of something that is not in the event log."""
    build = _NOTICES.get(name)
    message = build(fields) if build is not None else None
    if message is not None and fields.get("ref") is not None:
        message["ref"] = fields["ref"]
    return message


def _joined(payload: Fields, own_id: str) -> Message | None:
    return None if payload["id"] == own_id else person(payload, payload["participants"])


def _left(payload: Fields, own_id: str) -> Message | None:
    message = _joined(payload, own_id)
    return message and message | {"type": "participant_left"}


def _chat(payload: Fields, own_id: str) -> Message | None:
    if payload["sender_id"] == own_id:
        return None
    return {
        "type": "call_chat",
        "sender": payload["sender"],
        "text": payload["text"],
        "sender_id": payload["sender_id"],
        "message_id": ids.public("msg", UUID(payload["message_id"])),
        "reply_to": None,
        "attachments": [],
    }


def _state(payload: Fields, _own_id: str) -> Message:
    names = ("state", "previous", "detail", "end_reason", "error")
    return {"type": "call_state", **{name: payload[name] for name in names}, "snapshot": False}


def _failure(payload: Fields, _own_id: str) -> Message:
    names = ("code", "message", "retryable")
    return {"type": "call_error", **{name: payload[name] for name in names}, "ref": None}


def _utterance(payload: Fields, _own_id: str) -> Message | None:
    if payload["own"]:
        return None
    names = ("speaker", "text", "start", "end", "participant_id", "language", "confidence", "index")
    return {
        "type": "call_transcript",
        "final": True,
        "utterance_id": ids.public("utt", UUID(payload["utterance_id"])),
        **{name: payload[name] for name in names},
    }


def _configured(fields: Fields) -> Message:
    rate, native = fields["rate"], fields["native_rate"]
    return {
        "type": "audio_config",
        **audio(rate),
        "native_sample_rate": native,
        "resampling": rate != native,
        "receive": fields["receive"],
        "ready": fields["ready"],
    }


def _error(fields: Fields) -> Message:
    names = ("code", "message", "retryable", "ref")
    return {"type": "call_error", **{name: fields.get(name) for name in names}}


def _answer(fields: Fields) -> Message | None:
    """The result of a request is the message itself where there is one to send."""
    result = fields["result"]
    if fields["name"] == "chat":
        message_id = ids.public("msg", UUID(result["message_id"]))
        return {"type": "chat_sent", "message_id": message_id, "status": "sent", "error": None}
    if fields["name"] == "stop_speaking":
        return {"type": "stopped", **result}
    return None


def _named(type: str, *names: str) -> Callable[[Fields], Message]:
    return lambda fields: {"type": type, **{name: fields[name] for name in names}}


_EVENTS: dict[str, Callable[[Fields, str], Message | None]] = {
    "participant.joined": _joined,
    "participant.left": _left,
    "chat.message": _chat,
    "call.state": _state,
    "call.error": _failure,
    "call.goaway": lambda payload, _own_id: {
        "type": "goaway",
        "reason": payload["reason"],
        "in_ms": payload["in_ms"],
    },
    "utterance": _utterance,
}

_NOTICES: dict[str, Callable[[Fields], Message | None]] = {
    "configured": _configured,
    "error": _error,
    "answer": _answer,
    "cleared": _named("cleared", "played_ms", "discarded_ms"),
    "mark_played": _named("mark_played", "name", "played_ms", "cleared"),
    "stats": _named("stats", "in", "out", "rtt_ms", "latency_ms", "uptime_s"),
    "pong": lambda fields: {"type": "pong", "ts": fields["token"]},
    "goaway": _named("goaway", "reason", "in_ms"),
    "dropped": lambda fields: {
        "type": "audio_dropped",
        **{n: fields[n] for n in ("frames", "total")},
    },
}
