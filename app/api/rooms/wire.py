"""The words of the rooms dialect's WebSocket, both ways; pure, and run by the engine."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from app.wire import (
    Command,
    ConfigureAudio,
    Message,
    Mute,
    Ping,
    Request,
    StopAudio,
    Sync,
    WireError,
)

RATES = (8000, 16000, 24000, 48000)
MAX_CHAT = 10_000
MAX_CLIENT_ID = 64
_UNSUPPORTED = {
    "chat.read",
    "reaction.send",
    "hand.raise",
    "hand.lower",
    "participant.mute",
    "participant.unmute",
    "rtc.offer",
    "rtc.answer",
    "rtc.candidate",
}
# Control characters other than tab and newline, and halves of surrogate pairs, which no UTF-8 holds.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

Data = Mapping[str, Any]


class RoomsWire:
    """One participant's socket in the rooms dialect.

    Made from {tenant_id, room_id, participant_id, role, permissions, deprecated_token}. A command's
    `ref` is the client's event name, which an `error` repeats.
    """

    max_text = 64 * 1024
    max_binary = 1024 * 1024
    out_frames = 10
    play_out = False
    binary_ready = False
    odd_bytes = False

    def __init__(self, options: Data) -> None:
        self._options = options
        self._host_muted = False
        self._chat_enabled = True

    def welcome(self, facts: Data) -> list[Message]:
        """Greet with `connected`, a warning where due, and the room as it is.

        Of the facts it reads server_time, last_seq, room {id, name, status, config}, participants
        [{id, name, role, kind, self_muted, host_muted, hand_raised, audio, joined_at}] and messages
        [{message_id, sender_id, sender, text, at}], oldest first.
        """
        options = self._options
        for participant in facts["participants"]:
            if participant["id"] == options["participant_id"]:
                self._host_muted = participant["host_muted"]
        self._chat_enabled = (CONFIG | facts["room"]["config"])["chat_enabled"]
        hello = {name: options[name] for name in ("participant_id", "room_id", "tenant_id")}
        hello |= {"role": options["role"], "permissions": options["permissions"]}
        hello["media"] = {"ws_audio": True, "rtc": False}
        greeting = [_message("connected", hello | {"server_time": _utc(facts["server_time"])})]
        if options.get("deprecated_token"):
            text = "Send the token as a subprotocol or in the Authorization header."
            greeting.append(_warning("deprecated_query_token", text))
        return [*greeting, _snapshot(facts, replayed=0, reset=False)]

    def parse(self, text: str) -> Command | None:
        """Read one text frame; an inbound `pong` needs no answer. Raises WireError."""
        name, data = _read(text)
        if name == "pong":
            return None
        if name in _UNSUPPORTED:
            raise WireError("not_supported", f"{name} is not supported yet.", ref=name)
        if name not in _PARSERS:
            raise WireError("unknown_event", "There is no such event.", ref=name[:64])
        if name == "chat.send" and not self._chat_enabled:
            raise WireError("chat_disabled", "Chat is switched off in this room.", ref=name)
        if name == "audio.unmute" and self._host_muted:
            raise WireError("forbidden", "A host has muted you.", ref=name)
        return _PARSERS[name](name, data)

    def event(self, event: Data) -> Message | None:
        """Tell of an event of the room. What concerns one call alone is not told here."""
        payload: Data = event["payload"]
        match event["type"]:
            case "participant.joined":
                data = _participant(payload)
            case "participant.left":
                data = {"id": payload["id"], "reason": payload["reason"]}
            case "participant.muted":
                names = ("id", "is_muted", "self_muted", "host_muted", "by")
                data = {name: payload[name] for name in names}
                if payload["id"] == self._options["participant_id"]:
                    self._host_muted = payload["host_muted"]
            case "chat.message":
                data = _chat(payload | {"at": event["at"]}) | {"client_id": payload["client_id"]}
            case "room.ended":
                data = {"room_id": payload["room_id"], "reason": payload["reason"]}
            case _:
                return None
        return _message(event["type"], data | {"seq": event["seq"]})

    def notice(self, name: str, fields: Data) -> Message | None:
        """Tell of what is not in the event log; None for what this dialect has no word for."""
        teller = _NOTICES.get(name)
        return teller(fields) if teller else None

    def closing(self, reason: str) -> tuple[int, Message | None]:
        """The close code for a reason, and the last message before it, if there is one."""
        if reason not in CLOSES:
            reason = "server_error"
        text = _CLOSE_TEXTS.get(reason)  # The end of a room was told by its own event.
        return CLOSES[reason], _error(reason, text) if text else None


def _read(text: str) -> tuple[str, Data]:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        frame = None
    if not isinstance(frame, dict) or not isinstance(frame.get("event"), str):
        raise WireError("invalid_message", "Send a JSON object with a string `event`.")
    data = frame.get("data")
    if data is not None and not isinstance(data, dict):
        raise WireError("invalid_payload", "data must be an object", ref=frame["event"][:64])
    return frame["event"], data or {}


def _chat_send(name: str, data: Data) -> Command:
    text = data.get("text", data.get("content"))
    line = _text(name, "text", text, 1, MAX_CHAT)
    client_id = data.get("client_id")
    if client_id is not None:
        client_id = _text(name, "client_id", client_id, 0, MAX_CLIENT_ID) or None
    return Request(name, "chat", {"text": line, "client_id": client_id})


def _audio_start(name: str, data: Data) -> Command:
    rate, receive = data.get("sample_rate", 48000), data.get("receive", True)
    if type(rate) is not int or rate not in RATES:
        raise _invalid(name, f"sample_rate must be one of: {', '.join(map(str, RATES))}")
    if not isinstance(receive, bool):
        raise _invalid(name, "receive must be a boolean")
    return ConfigureAudio(name, rate=rate, receive=receive, start=True)


def _room_sync(name: str, data: Data) -> Command:
    last_seq = data.get("last_seq")
    if type(last_seq) is not int or not 0 <= last_seq < 1 << 63:
        raise _invalid(name, "last_seq must be an integer between 0 and 9223372036854775807")
    return Sync(name, last_seq)


_PARSERS: dict[str, Callable[[str, Data], Command]] = {
    "chat.send": _chat_send,
    "audio.start": _audio_start,
    "audio.stop": lambda name, data: StopAudio(name),
    "audio.mute": lambda name, data: Mute(name, muted=True),
    "audio.unmute": lambda name, data: Mute(name, muted=False),
    "room.sync": _room_sync,
    "ping": lambda name, data: Ping(name),
}


def _text(name: str, field: str, value: Any, least: int, most: int) -> str:
    trimmed = value.strip() if isinstance(value, str) else None
    if trimmed is None or not least <= len(trimmed) <= most or _FORBIDDEN.search(trimmed):
        raise _invalid(name, f"{field} must be a string of {least}-{most} characters")
    return trimmed


def _invalid(name: str, message: str) -> WireError:
    return WireError("invalid_payload", message, ref=name)
