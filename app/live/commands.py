"""What a client's command does to its session, its member and its room."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app import wire
from app.live.source import Playout
from app.wire import WireError

if TYPE_CHECKING:
    from app.live.session import Session

MAX_MARKS = 256

# What a read-only key may do: settings and questions that nobody else notices.
_HARMLESS = (wire.ConfigureAudio, wire.ReportStats, wire.Ping, wire.Sync, wire.StopAudio)


def carry_out(session: "Session", command: wire.Command) -> None:
    """Do what a client asks for. Raises WireError."""
    if not session.may_write and not isinstance(command, _HARMLESS):
        raise WireError("insufficient_scope", "This key may only read.", ref=command.ref)
    _ACTIONS[type(command)](session, command)


def configured(session: "Session", ref: str | None, *, first: bool = False) -> None:
    """Tell the client its audio settings."""
    room = session.room
    if room is None:
        return
    session.awaits_ready = not room.ready(session)
    session.notice(
        "configured",
        rate=session.rate,
        native_rate=room.deck.rate,
        receive=session.receive,
        ready=room.ready(session),
        ref=ref,
        first=first,
    )


def report_stats(session: "Session", ref: str | None) -> None:
    """Tell the client how its audio is doing."""
    room, source = session.room, session.source
    if room is None:
        return
    bank, lane = room.deck.bank, source.lane if source is not None else None
    straight = room.deck.frames_in(session.slot) if lane is not None else 0
    incoming: dict[str, Any] = {
        "frames": session.frames_in + straight,
        "bytes": session.bytes_in + straight * room.deck.width * 2,
        "underruns": int(bank.underruns[lane]) if lane is not None else 0,
    }
    if isinstance(source, Playout):
        incoming |= {"queued_ms": source.queued_ms, "dropped_ms": source.dropped_ms}
    else:
        queued = int(bank.count[lane]) * 20 if lane is not None else 0
        dropped = int(bank.dropped[lane]) * 20 if lane is not None else 0
        incoming |= {"queued_ms": queued, "dropped_ms": dropped}
    peer = session.peer
    frames, sent = session.audio_sent()
    outgoing = {
        "frames": frames,
        "bytes": sent,
        "queued_frames": peer.queued_frames,
        "dropped_frames": peer.dropped_frames,
    }
    session.notice(
        "stats",
        **{"in": incoming, "out": outgoing},
        rtt_ms=session.rtt_ms,
        latency_ms=room.latency(),
        uptime_s=round(time.monotonic() - session.opened_at, 1),
        ref=ref,
    )


def _configure(session: "Session", command: wire.ConfigureAudio) -> None:
    room = session.room
    assert room is not None  # Commands come after the welcome.
    if command.receive and "audio_in" not in session.capabilities:
        raise WireError("audio_unsupported", "There is nothing to hear here.", ref=command.ref)
    if command.start:
        room.start_audio(session)
    changed = command.rate is not None and (command.rate != session.rate or not command.query)
    if command.rate is not None and changed:
        session.rate = command.rate
        if session.source is not None:
            session.source.configure(command.rate)
    if command.receive is not None or changed:
        receive = session.receive if command.receive is None else command.receive
        session.listen(receive)
    session.qualify()
    configured(session, command.ref, first=command.start)


def _stop_audio(session: "Session", command: wire.StopAudio) -> None:
    assert session.room is not None  # Commands come after the welcome.
    session.room.stop_audio(session, "client")


def _play(session: "Session", command: wire.PlayAudio) -> None:
    if "audio_out" not in session.capabilities:
        session.complain_rarely("audio_unsupported", "This call takes no audio.", 3600)
        return
    if not isinstance(session.source, Playout):
        raise WireError("audio_not_started", "Start the audio first.", ref=command.ref)
    session.frames_in += 1
    session.bytes_in += len(command.pcm)
    try:
        dropped = session.source.feed_at(command.rate or session.rate, command.pcm)
    except ValueError as error:
        raise WireError("invalid_audio", str(error), ref=command.ref) from None
    session.took(dropped)
    session.qualify()


def _clear(session: "Session", command: wire.Clear) -> None:
    assert session.room is not None  # Commands come after the welcome.
    played, discarded = session.room.clear(session.participant_id)
    session.notice("cleared", played_ms=played, discarded_ms=discarded, ref=command.ref)


def _mark(session: "Session", command: wire.Mark) -> None:
    source = session.source
    if not isinstance(source, Playout):
        raise WireError("audio_unsupported", "This call takes no audio.", ref=command.ref)
    if source.queue.marks >= MAX_MARKS:
        raise WireError("too_many_marks", f"At most {MAX_MARKS} marks wait.", ref=command.ref)
    source.mark(command.name)
    session.took(0)
    session.qualify()


def _mute(session: "Session", command: wire.Mute) -> None:
    assert session.room is not None  # Commands come after the welcome.
    session.room.mute(session.participant_id, self_muted=command.muted)
    session.room.request(session, "mute", {"muted": command.muted}, command.ref)


def _stats(session: "Session", command: wire.ReportStats) -> None:
    if command.interval is None:
        report_stats(session, command.ref)
        return
    session.stats_every = command.interval
    session.stats_due = time.monotonic() + command.interval
    if command.interval:
        report_stats(session, command.ref)


def _ping(session: "Session", command: wire.Ping) -> None:
    session.notice("pong", token=command.token, ref=command.ref, server_time=time.time())


def _sync(session: "Session", command: wire.Sync) -> None:
    assert session.room is not None  # Commands come after the welcome.
    # Live events wait until the missed ones have been told.
    session.held = []
    session.room.request(session, "sync", {"last_seq": command.last_seq}, command.ref)


def _request(session: "Session", command: wire.Request) -> None:
    assert session.room is not None  # Commands come after the welcome.
    session.room.request(session, command.name, dict(command.arguments or {}), command.ref)


_ACTIONS: dict[type[wire.Command], Callable[["Session", Any], None]] = {
    wire.ConfigureAudio: _configure,
    wire.StopAudio: _stop_audio,
    wire.PlayAudio: _play,
    wire.Clear: _clear,
    wire.Mark: _mark,
    wire.Mute: _mute,
    wire.ReportStats: _stats,
    wire.Ping: _ping,
    wire.Sync: _sync,
    wire.Request: _request,
}
