"""The words between a socket's dialect and the room: commands in, notices out.

Each dialect's `wire.py` has one `Wire` class that translates both ways. It runs in the engine, per
socket, and is pure: no clock, no IO, no Flask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Message = dict[str, Any]  # One JSON object of a dialect.


@dataclass(frozen=True)
class Command:
    """What a client asks for. `ref` is repeated in the direct answer."""

    ref: str | None = None


@dataclass(frozen=True)
class ConfigureAudio(Command):
    """Ask for, or change, the socket's own sample rate (Hz) and whether it receives.

    None leaves a setting as it is. `query` asks for the answer without changing anything.
    `start` also opens the microphone of a socket that has none yet.
    """

    rate: int | None = None
    receive: bool | None = None
    query: bool = False
    start: bool = False


@dataclass(frozen=True)
class StopAudio(Command):
    """Close the socket's microphone and loudspeaker."""


@dataclass(frozen=True)
class PlayAudio(Command):
    """Play this s16le mono PCM after what is already queued. `rate` None: the socket's own."""

    pcm: bytes = b""
    rate: int | None = None


@dataclass(frozen=True)
class Clear(Command):
    """Silence the agent at once and forget what is queued."""


@dataclass(frozen=True)
class Mark(Command):
    """Say when everything queued so far has been played."""

    name: str = ""


@dataclass(frozen=True)
class Mute(Command):
    """Close or open the participant's own microphone."""

    muted: bool = True


@dataclass(frozen=True)
class ReportStats(Command):
    """Report once (None), every `interval` seconds, or no more (0)."""

    interval: float | None = None


@dataclass(frozen=True)
class Ping(Command):
    """Ask for a sign of life; `token` comes back as it is."""

    token: Any = None


@dataclass(frozen=True)
class Sync(Command):
    """Ask for the events after `last_seq`, then the room as it is now."""

    last_seq: int = 0


@dataclass(frozen=True)
class Request(Command):
    """Something that changes rows: done outside the engine, by name, with plain JSON arguments.

    Names: chat {text, client_id, sender_name, attachments}, typing {}, say {text},
    stop_speaking {}, dtmf {digits, duration_ms, gap_ms}, hang_up {}, mute {muted}.
    """

    name: str = ""
    arguments: Mapping[str, Any] | None = None


class WireError(Exception):
    """A client message that cannot be carried out; the socket stays open unless `close` is set.

    `offence` counts towards the limit after which a socket that sends nonsense is closed.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        ref: str | None = None,
        retryable: bool = False,
        close: int | None = None,
        offence: bool = False,
    ) -> None:
        super().__init__(message)
        self.code, self.ref, self.retryable = code, ref, retryable
        self.close, self.offence = close, offence


class Wire(Protocol):
    """One dialect's translator, made for one socket from its hand-over options.

    `notice` gets the engine's own words with these fields, and returns None for what its dialect
    does not tell:
    configured {rate, native_rate, receive, ready, ref, first} · stopped_audio {reason} ·
    cleared {played_ms, discarded_ms, ref} · mark_played {name, played_ms, cleared} ·
    stats {in, out, rtt_ms, latency_ms, uptime_s, ref} · pong {token, ref, server_time} ·
    goaway {reason, in_ms} · dropped {frames, total} · error {code, message, retryable, ref} ·
    answer {name, result, ref} · levels {levels: {participant id: dBFS}} ·
    typing {participant_id} · synced {what welcome gets, replayed, reset}
    """

    max_text: int  # Bytes of a text message.
    messages_per_second: int  # Text messages, those that carry audio apart.
    max_binary: int
    fault: int  # Close code after an error of ours.
    out_texts: int  # Messages waiting for a slow reader, at which it is dropped.
    out_frames: int  # Received frames that may wait for a slow reader.
    play_out: bool  # True: an agent's queue, nothing is trimmed; False: a live microphone.
    binary_ready: bool  # True: binary frames count from the start, without a command.
    levels: bool  # Whether `levels` notices are shown.
    odd_bytes: bool  # True: half a sample is kept for the next frame; False: it is an error.

    def welcome(self, facts: Mapping[str, Any]) -> list[Message]:
        """Say hello: facts {state, capabilities, rate, last_seq, room, participants, messages,
        replay (events or None), gap ((after_seq, first_seq) or None), server_time}."""

    def parse(self, text: str) -> Command | None:
        """Read a client's text message; None needs no action. Raises WireError."""

    def event(self, event: Mapping[str, Any]) -> Message | None:
        """Tell of an event {seq, at, type, room_id, call_id, payload}; None: not told here."""

    def notice(self, name: str, fields: Mapping[str, Any]) -> Message | None:
        """Tell of something that is not in the event log."""
