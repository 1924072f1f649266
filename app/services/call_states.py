"""The state machine of a call: each transition is one conditional update and one event.

Of two causes that race for the same call one wins; the other finds nothing to change.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.config import settings
from app.extensions import db, transaction
from app.models import Call, Tenant
from app.models.call import LIVE_STATES, CallState
from app.models.columns import now
from app.services import events, participants

# End reasons after which a room that was made for the call has no more purpose.
_FINAL = ("hangup", "alone", "idle", "max_duration", "room_ended")

# Error of a call whose live process or bridge is gone: (code, message).
BRIDGE_LOST = (
    "bridge_disconnected",
    "The connection to the meeting was lost. Join again with the same meeting_url "
    "(tool chamade_call_join); the new call starts with an empty transcript.",
)


def opened(call: Call) -> None:
    """Write the first state of a new call; call it inside the transaction that makes it."""
    _told(call, previous=None)


def activate(call_id: uuid.UUID) -> bool:
    """Let a call that was connecting or accepted begin; False when it is too late for that."""
    with transaction():
        call = db.session.get(Call, call_id)
        since = CallState.CONNECTING, CallState.RINGING
        if call is None or not _move(call, since, state=CallState.ACTIVE, answered_at=now()):
            return False
        limit = timedelta(seconds=settings().max_call_duration)
        call.deadline = call.created_at + limit
        call.goaway_at = call.deadline - timedelta(seconds=settings().goaway_notice)
        call.attended_at = now()
        db.session.flush()  # What follows reads the participant's row from the database.
        participants.connect(call.participant_id)
        return True


def finish(
    call: Call,
    reason: str,
    *,
    state: CallState = CallState.ENDED,
    since: Sequence[CallState] = LIVE_STATES,
    error: tuple[str, str] | None = None,
    note: str = "",
) -> bool:
    """Move a call to a terminal state; False when something else did so first.

    `error` is (code, message): the streams hear it before the state. `note` is kept in the event
    log. The agent leaves the room.
    """
    with transaction():
        values: dict[str, Any] = {"state": state, "end_reason": reason, "ended_at": now()}
        values |= {"deadline": None, "goaway_at": None, "alone_since": None}
        if error is not None:
            values |= {"error_code": error[0], "error_message": error[1]}
        if not _move(call, since, note, **values):
            return False
        participants.leave(call.participant_id, "left")
        return True


def ends_room(call: Call, room_call_id: uuid.UUID | None) -> bool:
    """Whether a room has no more purpose now that this call is over."""
    if room_call_id != call.id or call.end_reason not in _FINAL:
        return False
    others = select(Call.id).where(Call.room_id == call.room_id, Call.state.in_(LIVE_STATES))
    return db.session.scalar(others.limit(1)) is None


def due(at: datetime) -> list[tuple[Call, CallState, str]]:
    """The calls whose time is up: (call, the state it ends in, reason)."""
    alone = at - timedelta(seconds=settings().alone_timeout)
    idle = at - timedelta(seconds=settings().idle_timeout)
    room_empty = at - timedelta(seconds=settings().room_empty_timeout)
    live = select(Call).where(Call.state.in_(LIVE_STATES))
    timed = [
        (call, *_expiry(CallState(call.state)))
        for call in db.session.scalars(live.where(Call.deadline < at)).all()
    ]
    active = live.where(Call.state == CallState.ACTIVE)
    for query, reason in (
        (active.where(Call.platform != "room", Call.alone_since < alone), "alone"),
        (active.where(Call.platform == "room", Call.alone_since < room_empty), "alone"),
        (active.join(Tenant).where(Call.attended_at < idle, Tenant.last_seen_at < idle), "idle"),
    ):
        timed += [(call, CallState.ENDED, reason) for call in db.session.scalars(query).all()]
    return timed


def warn(at: datetime) -> None:
    """Announce to the streams of the oldest calls that their time is nearly up."""
    query = select(Call).where(Call.state == CallState.ACTIVE, Call.goaway_at < at)
    for call in db.session.scalars(query).all():
        with transaction():
            events.take_turn(call.tenant_id)
            due = update(Call).where(Call.id == call.id, Call.goaway_at < at)
            warned = db.session.execute(due.values(goaway_at=None).returning(Call.id))
            if warned.one_or_none() is None:
                continue  # Another process was faster, or the call has ended.
            in_ms = int(settings().goaway_notice * 1000)
            _append(call, "call.goaway", {"reason": "max_duration", "in_ms": in_ms})


def _expiry(state: CallState) -> tuple[CallState, str]:
    if state == CallState.CONNECTING:
        return CallState.ENDED, "connect_timeout"
    if state == CallState.RINGING:
        return CallState.MISSED, "ring_timeout"
    return CallState.ENDED, "max_duration"


def _move(call: Call, since: Sequence[CallState], note: str = "", **values: Any) -> bool:
    """Change a call if it is still in one of the states, and say so; False if it is not."""
    # It is read anew in the tenant's turn, so that the event can name the state that was left.
    events.take_turn(call.tenant_id)
    db.session.refresh(call)
    previous = call.state
    if previous not in since:
        return False
    for name, value in ({"state_detail": None} | values).items():
        setattr(call, name, value)
    db.session.flush()  # Conditional statements that follow must see the new state.
    if call.error_code:
        failure = {"code": call.error_code, "message": call.error_message, "retryable": True}
        _append(call, "call.error", failure)
    _told(call, previous, **({"note": note} if note else {}))
    return True


def _told(call: Call, previous: str | None, **more: Any) -> None:
    failure = None
    if call.error_code:
        failure = {"code": call.error_code, "message": call.error_message}
    payload = {
        "state": call.state,
        "previous": previous,
        "detail": call.state_detail,
        "end_reason": call.end_reason,
        "error": failure,
        **more,
    }
    _append(call, "call.state", payload)


def _append(call: Call, type: str, payload: dict[str, Any]) -> None:
    events.append(
        call.tenant_id,
        type,
        {"platform": call.platform, **payload},
        room_id=call.room_id,
        call_id=call.id,
    )
