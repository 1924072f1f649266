"""The stream of a call: a WebSocket that the room's live process takes over."""

from typing import Any

from flask import Blueprint, request

from app import ids
from app.api import auth
from app.api.channel import Upgrade, channel, hand_over
from app.api.gateway.wire import GatewayWire
from app.config import settings
from app.errors import CallEnded, GatewayError, InvalidRequest, OriginNotAllowed
from app.models import Call
from app.services import calls, events, rooms

bp = Blueprint("gateway_stream", __name__, url_prefix="/api")


def last_words(error: GatewayError) -> dict[str, Any]:
    """Word an error as the last message before the socket closes."""
    known = {"code": error.code, "message": str(error), "retryable": error.retryable}
    return {"type": "call_error", **known, "ref": None}


@channel(bp, "/call/<call_id>/stream", last_words)
def stream(ws: Upgrade, call_id: str) -> None:
    """Exchange audio, chat and events with a call until either side ends."""
    caller = auth.authenticate(query_key=True)
    caller.require("calls:read")
    if caller.key_id is None and request.headers.get("Origin") != settings().base:
        raise OriginNotAllowed
    last_seq = _last_seq()
    call = calls.get(caller.tenant_id, ids.parse("call", call_id), test=caller.sees_test)
    options = {
        "call_id": call_id,
        "participant_id": str(call.participant_id),
        "platform": call.platform,
        "partials": request.args.get("partials") == "1",
    }
    if call.over:
        _replay(ws, call, options, last_seq)
        return
    hand_over(
        ws,
        rooms.get(call.tenant_id, call.room_id),
        dialect="gateway",
        participant_id=call.participant_id,
        options=options,
        call_id=str(call.id),
        key_id=str(caller.key_id) if caller.key_id else None,
        may_write="calls:write" in caller.scopes,
        last_seq=last_seq,
    )


def _last_seq() -> int | None:
    text = request.args.get("last_seq")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise InvalidRequest(fields={"last_seq": ["Must be an integer of 0 or more."]})
    return int(text)


def _replay(ws: Upgrade, call: Call, options: dict[str, Any], last_seq: int | None) -> None:
    """Tell the rest of a call that is over. Raises CallEnded without a place to begin."""
    if last_seq is None:
        raise CallEnded
    facts = {
        "state": call.state,
        "capabilities": call.capabilities,
        "rate": call.rate,
        "last_seq": events.last_seq(call.tenant_id),
        "replay": [events.plain(row) for row in events.missed(call, last_seq)],
        "gap": events.gap(call.tenant_id, last_seq),
    }
    for message in GatewayWire({**options, "stream_id": ""}).welcome(facts):
        ws.say(message)
    ws.close(1000, "call_ended")
