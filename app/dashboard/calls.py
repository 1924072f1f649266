"""Calls: the list, and one call with its timeline and what can be done about it."""

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import ids
from app.config import settings
from app.dashboard import forms, paging, timeline
from app.dashboard.frame import bp
from app.errors import GatewayError
from app.models import Call
from app.models.call import LIVE_STATES, TERMINAL_STATES
from app.services import actions, calls, events, participants, rooms

CALL = "dashboard/call.html"
STATES = {"all": None, "live": LIVE_STATES, "ended": TERMINAL_STATES}
_ENTRIES = 200


@bp.get("/calls")
def list_calls() -> str:
    """List calls, newest first."""
    state = paging.choice("state", STATES)
    page = paging.Page.asked()
    rows, total = calls.page(g.tenant.id, states=STATES[state], limit=page.size, offset=page.offset)
    seq = events.last_seq(g.tenant.id)
    return render_template(
        "dashboard/calls.html", calls=rows, state=state, page=page.of(total), seq=seq
    )


@bp.get("/calls/<call_id>")
def call(call_id: str) -> str:
    """Show a call's timeline, its members, and its buttons."""
    return render_template(CALL, **_page(_call(call_id)))


@bp.post("/calls/<call_id>/chat")
def chat_in_call(call_id: str) -> Response | tuple[str, int]:
    """Write into the call's chat in the agent's name."""
    row = _call(call_id)
    try:
        actions.write(row, forms.text("text", 10_000, label="A message"))
    except GatewayError as error:
        if forms.wants_json():
            raise
        return forms.again(CALL, error, **_page(row))
    if forms.wants_json():
        return "", 204
    return redirect(url_for("dashboard.call", call_id=call_id, _anchor="chat-form"), 303)


@bp.get("/calls/<call_id>/hang-up")
def ask_hang_up(call_id: str) -> str:
    """Ask before a call is ended."""
    return render_template("dashboard/call_hang_up.html", call=_call(call_id))


@bp.post("/calls/<call_id>/hang-up")
def hang_up(call_id: str) -> Response | tuple[str, int]:
    """End a call."""
    calls.hang_up(_call(call_id))
    return forms.done("The call has ended.", url_for("dashboard.call", call_id=call_id))


def _call(call_id: str) -> Call:
    return calls.get(g.tenant.id, ids.parse("call", call_id))


def _page(row: Call) -> dict[str, object]:
    before = request.args.get("before", type=int)
    found = events.history(row, before, limit=_ENTRIES)
    return {
        "call": row,
        "room": rooms.get(row.tenant_id, row.room_id),
        "members": participants.of_room(row.room_id),
        "entries": timeline.entries(row, found),
        "after": found[-1].seq if found else 0,
        "earlier": found[0].seq if len(found) == _ENTRIES else None,
        "before": before,
        "stream_url": f"{settings().ws_base}/api/call/{ids.public('call', row.id)}/stream",
    }
