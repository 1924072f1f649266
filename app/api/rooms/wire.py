"""The rooms dialect's translator for one WebSocket; pure, and run by the engine."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from app.api.rooms import messages
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
UNSUPPORTED = {
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
_MAX_CHAT = 10_000
_MAX_CLIENT_ID = 64
# Control characters except tab and newline, and halves of surrogate pairs: UTF-8 has none of them.
_REFUSED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

Data = Mapping[str, Any]


class RoomsWire:
    """One participant's socket in the rooms dialect.

    Made from {tenant_id, room_id, participant_id, role, permissions, deprecated_token}. A command's
    `ref` is the client's event name, which an `error` repeats.
    """

    max_text = 64 * 1024
    messages_per_second = 50
    max_binary = 1024 * 1024
    fault = 1011
    out_texts = 256
    out_frames = 10
    play_out = False
    binary_ready = False
    levels = True
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
        self._look(facts)
        names = ("participant_id", "room_id", "tenant_id", "role", "permissions")
        hello = {name: self._options[name] for name in names}
        hello["media"] = {"ws_audio": True, "rtc": False}
        hello["server_time"] = messages.utc(facts["server_time"])
        greeting = [messages.message("connected", hello)]
        if self._options.get("deprecated_token"):
            advice = "Send the token as a subprotocol or in the Authorization header."
            greeting.append(messages.warning("deprecated_query_token", advice))
        return [*greeting, messages.snapshot(facts)]

    def parse(self, text: str) -> Command | None:
        """Read one text frame; an inbound `pong` needs no answer. Raises WireError."""
        name, data = _read(text)
        if name == "pong":
            return None
        if name in UNSUPPORTED:
            raise WireError("not_supported", f"{name} is not supported yet.", ref=name)
        if name not in _PARSERS:
            raise WireError("unknown_event", "There is no such event.", ref=_echo(name))
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
                data = messages.person(payload)
            case "participant.left":
                data = {"id": payload["id"], "reason": payload["reason"]}
            case "participant.muted":
                if payload["id"] == self._options["participant_id"]:
                    self._host_muted = payload["host_muted"]
                names = ("id", "is_muted", "self_muted", "host_muted", "by")
                data = {name: payload[name] for name in names}
            case "chat.message":
                written = {**payload, "at": event["at"]}
                data = messages.line(written) | {"client_id": payload["client_id"]}
            case "room.ended":
                data = {"room_id": payload["room_id"], "reason": payload["reason"]}
            case _:
                return None
        return messages.message(event["type"], data | {"seq": event["seq"]})

    def notice(self, name: str, fields: Data) -> Message | None:
        """Tell of what is not in the event log; None for what this dialect has no word for.

        `pong` needs server_time in Unix seconds, `synced` what `welcome` reads of a room. The
        `answer` to a chat line that came before is {new: False, message_id, sender_id, sender,
        text, client_id, at}.
        """
        if name == "synced":
            self._look(fields)
        return messages.notice(name, fields)

    def _look(self, facts: Data) -> None:
        config = messages.CONFIG | dict(facts["room"]["config"])
        self._chat_enabled = config["chat_enabled"]
        for member in facts["participants"]:
            if member["id"] == self._options["participant_id"]:
                self._host_muted = member["host_muted"]


def _read(text: str) -> tuple[str, Data]:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        frame = None
    if not isinstance(frame, dict) or not isinstance(frame.get("event"), str):
        raise WireError("invalid_message", "Send a JSON object with a string event.")
    name, data = frame["event"], frame.get("data")
    if data is not None and not isinstance(data, dict):
        raise _invalid(_echo(name), "data must be an object")
    return name, data or {}


def _chat_send(name: str, data: Data) -> Command:
    text = _text(name, "text", data.get("text", data.get("content")), 1, _MAX_CHAT)
    client_id = data.get("client_id")
    if client_id is not None:
        client_id = _text(name, "client_id", client_id, 0, _MAX_CLIENT_ID) or None
    return Request(name, "chat", {"text": text, "client_id": client_id})


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
    "audio.stop": lambda name, _: StopAudio(name),
    "audio.mute": lambda name, _: Mute(name, muted=True),
    "audio.unmute": lambda name, _: Mute(name, muted=False),
    "room.sync": _room_sync,
    "ping": lambda name, _: Ping(name),
}


def _text(name: str, field: str, value: Any, least: int, most: int) -> str:
    text = value.strip() if isinstance(value, str) else None
    if text is None or not least <= len(text) <= most or _REFUSED.search(text):
        raise _invalid(name, f"{field} must be a string of {least}-{most} characters")
    return text


def _echo(name: str) -> str:
    return _REFUSED.sub("", name)[:64]


def _invalid(name: str, text: str) -> WireError:
    return WireError("invalid_payload", text, ref=name)
