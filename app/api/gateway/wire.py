"""The gateway dialect's translator for one stream; pure, and run by the engine."""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from app.api.gateway import messages
from app.wire import (
    Clear,
    Command,
    ConfigureAudio,
    Mark,
    Message,
    Ping,
    PlayAudio,
    ReportStats,
    Request,
    WireError,
)

LOWEST_RATE, HIGHEST_RATE, RATE_STEP = 8000, 48_000, 50
MAX_AUDIO = 1 << 20  # Bytes of one message's PCM.
MAX_REF, MAX_MARK, MAX_SAY, MAX_CHAT, MAX_SENDER = 64, 64, 5000, 10_000, 80

# Halves of surrogate pairs, which UTF-8 cannot carry, and what no database's text takes.
_BROKEN = re.compile(r"[\x00\ud800-\udfff]")

Fields = Mapping[str, Any]


class GatewayWire:
    """One stream of a call.

    Made from {call_id: public id, participant_id, stream_id, platform, partials}.
    """

    max_text = 1_572_864
    max_binary = MAX_AUDIO
    fault = 4500
    messages_per_second = 100
    out_texts = 1000
    out_frames = 50
    play_out = True
    binary_ready = True
    levels = False
    odd_bytes = True

    def __init__(self, options: Fields) -> None:
        self._options = options

    def welcome(self, facts: Fields) -> list[Message]:
        """Say hello, then what was missed, or who is here and how the call stands."""
        rate = facts["rate"]
        hello = {
            "type": "hello",
            "protocol": 1,
            "stream_id": self._options["stream_id"],
            "call_id": self._options["call_id"],
            "state": facts["state"],
            "capabilities": facts["capabilities"],
            "audio": messages.audio(rate),
            "last_seq": facts["last_seq"],
        }
        if facts["replay"] is None:
            here = [
                messages.person(p, len(facts["participants"])) | {"snapshot": True}
                for p in facts["participants"]
                if p["id"] != self._options["participant_id"]
            ]
            state = {"type": "call_state", "state": facts["state"], "snapshot": True}
            return [hello, state, *here]
        told = [message for event in facts["replay"] if (message := self.event(event))]
        return [hello, *messages.gap(facts["gap"]), *told]

    def parse(self, text: str) -> Command | None:
        """Read one client message. Raises WireError; what is sent amiss counts as an offence."""
        fields = _read(text)
        ref = fields.get("ref")
        if ref is not None and (not isinstance(ref, str) or len(ref) > MAX_REF):
            raise _invalid(f"ref must be a string of at most {MAX_REF} characters.", None)
        parser = _PARSERS.get(fields["type"])
        if parser is None:
            text = f"There is no message type {fields['type'][:40]!r}."
            raise WireError("unknown_type", text, ref=ref, offence=True)
        return parser(fields, ref)

    def event(self, event: Fields) -> Message | None:
        """Tell of an event of the call or its room; the agent's own doings are not told."""
        return messages.event(event, self._options["participant_id"])

    def notice(self, name: str, fields: Fields) -> Message | None:
        """Tell of what is not in the event log."""
        return messages.notice(name, fields)


def _read(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        raise _invalid("The message is not JSON.", None) from None
    if not isinstance(fields, dict) or not isinstance(fields.get("type"), str):
        raise _invalid("Send a JSON object with a string type.", None)
    return fields


def _refuse(word: str) -> NoReturn:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(word)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _audio_config(fields: Fields, ref: str | None) -> Command:
    receive, rate = fields.get("receive"), fields.get("sample_rate")
    if receive is not None and not isinstance(receive, bool):
        raise _invalid("receive must be true or false.", ref)
    if rate is not None:
        _check_rate(rate, ref)
    return ConfigureAudio(ref, rate=rate, receive=receive)


def _audio(fields: Fields, ref: str | None) -> Command:
    text, rate = fields.get("audio"), fields.get("sample_rate")
    if not isinstance(text, str):
        raise _invalid("audio must be a string of base64.", ref)
    if rate is not None and not _is_rate(rate):
        raise WireError("invalid_audio", _RATES, ref=ref)
    try:
        pcm = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise WireError("invalid_audio", "audio is not base64.", ref=ref) from None
    if len(pcm) > MAX_AUDIO:
        raise WireError("frame_too_large", f"At most {MAX_AUDIO} bytes of audio.", ref=ref)
    if len(pcm) % 2:
        raise WireError("invalid_audio", "audio must hold whole samples.", ref=ref)
    return PlayAudio(ref, pcm=pcm, rate=rate)


def _mark(fields: Fields, ref: str | None) -> Command:
    return Mark(ref, name=_text(fields, "name", 1, MAX_MARK, ref))


def _stats(fields: Fields, ref: str | None) -> Command:
    interval = fields.get("interval_s")
    if interval is not None and (not _is_number(interval) or not 0 <= interval <= 60):
        raise _invalid("interval_s must be a number from 0 to 60.", ref)
    return ReportStats(ref, interval=interval)


def _say(fields: Fields, ref: str | None) -> Command:
    text = fields.get("text")
    if isinstance(text, str) and len(text) > MAX_SAY:
        message = f"The text has {len(text)} characters; at most {MAX_SAY} can be spoken."
        raise WireError("text_too_long", message, ref=ref)
    return Request(ref, name="say", arguments={"text": _text(fields, "text", 1, MAX_SAY, ref)})


def _chat(fields: Fields, ref: str | None) -> Command:
    if fields.get("attachments"):
        raise WireError("files_unsupported", "Files cannot be sent here yet.", ref=ref)
    text = fields.get("text")
    if isinstance(text, str) and len(text) > MAX_CHAT:
        message = f"The text has {len(text)} characters; the limit is {MAX_CHAT}."
        raise WireError("text_too_long", message, ref=ref)
    arguments = {"text": _text(fields, "text", 1, MAX_CHAT, ref)}
    if fields.get("sender_name"):
        arguments["sender_name"] = _text(fields, "sender_name", 1, MAX_SENDER, ref)
    return Request(ref, name="chat", arguments=arguments)


def _dtmf(fields: Fields, ref: str | None) -> Command:
    digits = _text(fields, "digits", 1, 32, ref)
    lengths = {"duration_ms": fields.get("duration_ms", 160), "gap_ms": fields.get("gap_ms", 80)}
    if not re.fullmatch("[0-9A-D*#w]+", digits):
        raise _invalid("digits may hold 0-9, A-D, *, # and w.", ref)
    for name, value in lengths.items():
        if not isinstance(value, int) or not 40 <= value <= 1000:
            raise _invalid(f"{name} must be an integer from 40 to 1000.", ref)
    return Request(ref, name="dtmf", arguments={"digits": digits, **lengths})


def _plain(name: str) -> Callable[[Fields, str | None], Command]:
    return lambda _fields, ref: Request(ref, name=name, arguments={})


def _text(fields: Fields, name: str, least: int, most: int, ref: str | None) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not least <= len(value) <= most or _BROKEN.search(value):
        raise _invalid(f"{name} must be a string of {least} to {most} characters.", ref)
    return value


def _check_rate(rate: Any, ref: str | None) -> None:
    if not _is_rate(rate):
        raise WireError("invalid_sample_rate", _RATES, ref=ref)


def _is_rate(rate: Any) -> bool:
    whole = isinstance(rate, int) and not isinstance(rate, bool)
    return whole and LOWEST_RATE <= rate <= HIGHEST_RATE and rate % RATE_STEP == 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _invalid(message: str, ref: str | None) -> WireError:
    return WireError("invalid_message", message, ref=ref, offence=True)


_RATES = f"sample_rate must be an integer from {LOWEST_RATE} to {HIGHEST_RATE} divisible by 50."

_PARSERS: dict[str, Callable[[Fields, str | None], Command]] = {
    "audio_config": _audio_config,
    "audio": _audio,
    "clear": lambda _fields, ref: Clear(ref),
    "mark": _mark,
    "stats": _stats,
    "ping": lambda fields, ref: Ping(ref, token=fields.get("ts")),
    "say": _say,
    "stop_speaking": _plain("stop_speaking"),
    "send_chat": _chat,
    "typing": _plain("typing"),
    "dtmf": _dtmf,
    "hangup": _plain("hang_up"),
}
