"""Calls: placed, looked at, listed, answered and ended."""

from typing import Any

from flask import g

from app import ids
from app.api import auth, limits
from app.api.body import accepts, queries, returns
from app.api.gateway.schemas import (
    CallOut,
    CallsOut,
    CallsQuery,
    PlaceCall,
    Refuse,
    Since,
    UtteranceOut,
)
from app.api.idempotency import idempotent
from app.api.paging import MOST, listed
from app.errors import PresetNotFound
from app.models import Call
from app.services import calls, presets, utterances

bp = auth.guarded("gateway_calls", __name__, scope="calls", prefix="/api")

_call = CallOut()
_lines = UtteranceOut(many=True)


def find(call_id: str) -> Call:
    """Return the caller's call of that id. Raises CallNotFound."""
    caller = g.caller
    return calls.get(caller.tenant_id, ids.parse("call", call_id), test=caller.sees_test)


@bp.post("/call")
@limits.counts_as("rate_calls")
@idempotent
@accepts(PlaceCall)
@returns(CallOut, 201)
def place(platform: str, meeting_url: str | None, **more: Any) -> Call:
    """Place a call."""
    order = calls.Order(
        platform=platform,
        meeting_url=meeting_url or "",
        stt_preset=_preset(more, "stt_voice_config_id"),
        tts_preset=_preset(more, "tts_voice_config_id"),
        **more,
    )
    return calls.place(g.caller.tenant_id, order, test=g.caller.test)


@bp.get("/call/<call_id>")
@queries(Since)
def get(call_id: str, since: int) -> dict[str, Any]:
    """Retrieve a call with the lines of its transcript from a line number on."""
    call = find(call_id)
    said = utterances.since(call.id, min(since, MOST))
    lines = {
        "transcript": [f"[{line['speaker']}] {line['text']}" for line in said],
        "utterances": _lines.dump(said),
        "transcript_length": call.transcript_length,
    }
    return {**_call.dump(call), **lines}


@bp.get("/calls")
@queries(CallsQuery)
@returns(CallsOut)
def list_(state: str, platform: str | None, limit: int, offset: int) -> dict[str, Any]:
    """List calls, the newest first; only live ones unless other states are asked for."""
    states = state.split(",")
    found = calls.page(
        g.caller.tenant_id,
        states=None if "all" in states else states,
        platform=platform,
        test=g.caller.sees_test,
        limit=limit,
        offset=offset,
    )
    return listed("calls", found, limit=limit, offset=offset)


@bp.post("/call/<call_id>/accept")
@returns(CallOut)
def accept(call_id: str) -> Call:
    """Answer a call that rings."""
    return calls.accept(find(call_id))


@bp.post("/call/<call_id>/refuse")
@accepts(Refuse)
@returns(CallOut)
def refuse(call_id: str, reason: str) -> Call:
    """Reject a call that rings."""
    return calls.refuse(find(call_id), reason)


@bp.delete("/call/<call_id>")
@returns(CallOut)
def hang_up(call_id: str) -> Call:
    """End a call; one that is over stays as it is."""
    return calls.hang_up(find(call_id))


def _preset(order: dict[str, Any], field: str) -> presets.Choice:
    """Take a preset's id out of an order: left out, null, or a UUID. Raises PresetNotFound."""
    if field not in order:
        return presets.DEFAULT
    text = order.pop(field)
    if text is None:
        return None
    preset_id = ids.parse_uuid(text)
    if preset_id is None:
        raise PresetNotFound
    return preset_id
