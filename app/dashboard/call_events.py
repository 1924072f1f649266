"""What happens on a call, told to its open page as it happens."""

import uuid
from collections.abc import Iterator

from flask import Response, g, render_template

from app import ids
from app.dashboard import stream, timeline
from app.dashboard.frame import bp
from app.models import Call
from app.services import calls, events, participants, placement

# Asked for anew at every beat: the engine knows a room only while somebody is connected to it.
_WATCH_SECONDS = 15


@bp.get("/calls/<call_id>/events")
def call_events(call_id: str) -> Response:
    """Stream new timeline entries, who is there, and their levels, until the call is over.

    Messages: `entry` (HTML of one line), `part` {id, html} of a piece of the page that changed,
    `levels` {participant id: dBFS}, `over` when no more is to come.
    """
    call = calls.get(g.tenant.id, ids.parse("call", call_id))
    return stream.respond(_follow(call.tenant_id, call.id, call.room_id, stream.last_seen()))


def _follow(
    tenant_id: uuid.UUID, call_id: uuid.UUID, room_id: uuid.UUID, after: int
) -> Iterator[str]:
    yield stream.opening()
    levels = f"levels:{room_id}"
    for heard in stream.news("events", levels):
        if heard is None:
            placement.tell(room_id, "watch", seconds=_WATCH_SECONDS)
        if heard is not None and heard[0] == levels:
            yield stream.message("levels", heard[1]["levels"])
        elif heard is None or heard[1][1] == str(room_id):
            call = calls.get(tenant_id, call_id)
            told, after = _fresh(call, after)
            yield told or stream.beat()
            if call.over:
                yield stream.message("over", {"state": call.state})
                return


def _fresh(call: Call, after: int) -> tuple[str, int]:
    """Everything after an event in the words of the page, and the number it ends with."""
    found = events.of_call(call.room_id, call.id, after)
    if not found:
        return "", after
    told = [
        stream.message("entry", render_template("dashboard/_entry.html", entry=entry), entry.seq)
        for entry in timeline.entries(call, found)
    ]
    members = participants.of_room(call.room_id)
    for part in ("call_state", "call_members", "call_actions"):
        html = render_template(f"dashboard/_{part}.html", call=call, members=members)
        told.append(stream.message("part", {"id": part.replace("_", "-"), "html": html}))
    return "".join(told), found[-1].seq
