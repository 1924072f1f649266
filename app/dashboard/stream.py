"""Server-Sent Events: how an open page hears of what happens (HTML standard, section 9.2)."""

import json
import time
from collections.abc import Iterator
from typing import Any

from flask import Response, request, stream_with_context

from app import bus
from app.extensions import db

# Seconds after which a stream ends and the browser opens a new one: by then a session that has
# ended, or a worker that wants to stop, must have had its say.
LIFETIME = 240.0
# Seconds between two looks at the log while Redis cannot tell of news.
POLL = 2.0
IDLE = 1.0  # Seconds without news after which the clock is looked at.
# Seconds between two beats: they notice a reader who left, and find news that Redis lost.
_BEAT = 5.0


def respond(messages: Iterator[str]) -> Response:
    """Answer with a stream. Its first message is due at once, or the browser waits for headers."""
    reply = Response(stream_with_context(messages), mimetype="text/event-stream")
    reply.headers["Cache-Control"] = "no-store"
    reply.headers["X-Accel-Buffering"] = "no"  # nginx would keep messages back otherwise.
    return reply


def message(event: str, data: Any, seq: int | None = None) -> str:
    """Write one message; JSON keeps its data on one line."""
    mark = f"id: {seq}\n" if seq is not None else ""
    return f"{mark}event: {event}\ndata: {json.dumps(data)}\n\n"


def opening() -> str:
    """Write what a stream begins with: how many milliseconds to wait before a new connection."""
    return "retry: 1000\n\n"


def beat() -> str:
    """Write a comment, which readers skip."""
    return ": beat\n\n"


def last_seen() -> int:
    """The number of the newest event the reader has: `Last-Event-ID`, else `?after=`."""
    for text in (request.headers.get("Last-Event-ID", ""), request.args.get("after", "")):
        if text.isascii() and text.isdigit() and len(text) < 19:
            return int(text)
    return 0


def news(*channels: str) -> Iterator[tuple[str, Any] | None]:
    """Yield (channel, value) as they come until the stream's lifetime is over.

    None means: look at the log. It comes when listening has begun, so that nothing is missed
    before that, regularly while Redis does not answer, and at every beat. No database connection
    is held while waiting.
    """
    ends = time.monotonic() + LIFETIME
    while time.monotonic() < ends:
        db.session.close()
        yield from _heard(channels, ends)
        if time.monotonic() < ends:
            db.session.close()
            time.sleep(min(POLL, max(0.0, ends - time.monotonic())))
            yield None


def _heard(channels: tuple[str, ...], ends: float) -> Iterator[tuple[str, Any] | None]:
    """Yield what the bus tells until it breaks or time is up."""
    beat_at = 0.0
    try:
        for heard in bus.current().listen(*channels, idle=IDLE):
            at = time.monotonic()
            if at >= beat_at:
                beat_at = at + _BEAT
                yield None
            if heard is not None:
                yield heard
            if at >= ends:
                return
            db.session.close()
    except bus.BusDown:
        return
