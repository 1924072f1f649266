"""Calls: placed, looked up, accepted, refused and hung up."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from app import bus, ids, platforms
from app.config import settings
from app.errors import CallEnded, CallNotFound, GatewayError, NotRinging, TooManyCalls
from app.extensions import after_commit, db, store, transaction
from app.models import Call, Participant, Room, Tenant
from app.models.call import LIVE_STATES, CallState
from app.models.columns import now
from app.services import call_states, events, participants, placement, presets, rooms

logger = logging.getLogger(__name__)

# Statements of the hot path, built once.
_LIVE = (
    select(func.count(Call.id))
    .where(Call.tenant_id == bindparam("tenant"), Call.state.in_(bindparam("live", expanding=True)))
    .scalar_subquery()
)
_LIMIT = select(Tenant.max_concurrent_calls, _LIVE).where(Tenant.id == bindparam("tenant"))
_BY_ID = select(Call).where(Call.id == bindparam("call"), Call.tenant_id == bindparam("tenant"))


@dataclass(frozen=True)
class Order:
    """What an agent asks for when it places a call; a preset of None: none for this call."""

    platform: str
    meeting_url: str = ""
    agent_name: str = "AI Agent"
    account_id: str | None = None
    stt_preset: uuid.UUID | presets.Default | None = presets.DEFAULT
    tts_preset: uuid.UUID | presets.Default | None = presets.DEFAULT
    transcripts: bool | None = None
    metadata: dict[str, str] = field(default_factory=dict)


def place(tenant_id: uuid.UUID, order: Order, *, test: bool = False) -> Call:
    """Make a call and send the order to join; returns before anyone answers.

    Raises what the platform says of the address, the connection and the account, TooManyCalls,
    RoomNotFound, RoomEnded, RoomFull, PresetNotFound, NoSTTPreset, BridgeUnavailable, Capacity.
    """
    platform = platforms.get(order.platform)
    target = platform.target(order.meeting_url)
    platform.require_ready(test=test)
    platform.require_account(order.account_id)
    voices = presets.resolve(tenant_id, platform.capabilities, order)
    live = placement.choose()
    with transaction():
        _check_limit(tenant_id)
        call_id = ids.new()
        room = rooms.find(tenant_id, target, test=test) if target else None
        made_for_it = room is None
        if room is None:
            room = rooms.create(tenant_id, rate=platform.rate, test=test, call_id=call_id)
        agent = participants.add(room, order.agent_name, kind="agent")
        call = Call(
            id=call_id,
            tenant_id=tenant_id,
            room_id=room.id,
            participant_id=agent.id,
            platform=platform.name,
            agent_name=order.agent_name,
            rate=room.rate,
            capabilities=voices.capabilities,
            stt_preset_id=voices.stt,
            tts_preset_id=voices.tts,
            meta=order.metadata,
            test=test,
            state_detail="joining",
            deadline=now() + timedelta(seconds=settings().connect_timeout),
        )
        link = rooms.add_link(room)
        call.join_token_id, call.meeting_url = link.id, rooms.link(link.id)
        store(call)
        call_states.opened(call)
        after_commit(lambda: _enter(call, room, live if made_for_it else None))
    return call


def get(tenant_id: uuid.UUID, call_id: uuid.UUID | None, *, test: bool | None = None) -> Call:
    """Return a call. Raises CallNotFound, also for another tenant's."""
    call: Call | None = None
    if call_id is not None:
        call = db.session.scalar(_BY_ID, {"call": call_id, "tenant": tenant_id})
    if call is None or (test is not None and call.test != test):
        raise CallNotFound
    return call


def page(
    tenant_id: uuid.UUID,
    *,
    states: Sequence[str] | None = LIVE_STATES,
    platform: str | None = None,
    test: bool | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Sequence[Call], int]:
    """A tenant's calls, newest first, and how many there are in all."""
    query = select(Call).where(Call.tenant_id == tenant_id)
    if states is not None:
        query = query.where(Call.state.in_(states))
    if platform:
        query = query.where(Call.platform == platform)
    if test is not None:
        query = query.where(Call.test == test)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(Call.created_at.desc(), Call.id.desc()).limit(limit).offset(offset)
    return db.session.scalars(newest).all(), total


def of_room(room_id: uuid.UUID, limit: int = 50) -> Sequence[Call]:
    """The calls of a room, newest first."""
    query = select(Call).where(Call.room_id == room_id)
    return db.session.scalars(query.order_by(Call.created_at.desc()).limit(limit)).all()


def count_live(tenant_id: uuid.UUID) -> int:
    query = select(func.count(Call.id)).where(
        Call.tenant_id == tenant_id, Call.state.in_(LIVE_STATES)
    )
    return db.session.scalar(query) or 0


def live_in(room_id: uuid.UUID) -> Sequence[Call]:
    """The calls that are going on in a room."""
    query = select(Call).where(Call.room_id == room_id, Call.state.in_(LIVE_STATES))
    return db.session.scalars(query).all()


def agent(call: Call) -> Participant:
    """The call's own participant."""
    return participants.get(call.tenant_id, call.participant_id)


def hang_up(call: Call, reason: str = "hangup") -> Call:
    """End a call; one that is over stays as it is."""
    finish(call, reason)
    return get(call.tenant_id, call.id)


def finish(call: Call, reason: str, **how: Any) -> bool:
    """End a call, and its room where that was made for it; False when it was over before."""
    with transaction():
        if not call_states.finish(call, reason, **how):
            return False
        room = db.session.get(Room, call.room_id)
        if room is not None and call_states.ends_room(call, room.call_id):
            rooms.end(room.id, "call_ended")
        return True


def accept(call: Call) -> Call:
    """Answer a ringing call. Raises NotRinging, CallEnded."""
    if call.state == CallState.RINGING and call_states.activate(call.id):
        return call
    db.session.refresh(call)
    if call.over:
        raise CallEnded
    if call.state != CallState.ACTIVE or call.direction != "inbound":
        raise NotRinging
    return call


def refuse(call: Call, reason: str = "") -> Call:
    """Reject a ringing call; a second time changes nothing. Raises NotRinging, CallEnded.

    The reason is kept in the event log.
    """
    refused = {"state": CallState.REFUSED, "since": (CallState.RINGING,), "note": reason}
    if finish(call, "refused", **refused) or call.state == CallState.REFUSED:
        return call
    if call.over:
        raise CallEnded
    raise NotRinging


def sweep() -> None:
    """End the calls whose time is up and warn those whose time is nearly up."""
    at = now()
    for call, state, reason in call_states.due(at):
        # One that has changed its state since then has a new deadline.
        finish(call, reason, state=state, since=(CallState(call.state),))
    call_states.warn(at)


def _check_limit(tenant_id: uuid.UUID) -> None:
    # The turn makes parallel requests count one after the other.
    events.take_turn(tenant_id)
    numbers = {"tenant": tenant_id, "live": LIVE_STATES}
    limit, live = db.session.connection().execute(_LIMIT, numbers).one()
    if live >= limit:
        raise TooManyCalls(f"You have {limit} calls already; end one first.", retry_after=5)


def _enter(call: Call, room: Room, candidate: placement.Live | None) -> None:
    """Tell the room's live process that the agent is coming."""
    try:
        if candidate is not None:
            placement.start(room.id, candidate, "enter", call_id=str(call.id))
            return
        live = placement.claim(room)
        bus.current().send(live.id, "enter", {"room_id": str(room.id), "call_id": str(call.id)})
    except (GatewayError, bus.BusDown) as error:
        logger.warning("A call could not be handed to a live process")
        finish(call, "connect_failed", error=("connect_failed", str(error)))
