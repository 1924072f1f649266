"""The event log: written in the transaction of the change, read by everybody who tells of it.

Types are the domain's words; each dialect translates. An event with a `call_id` concerns that call
alone, one with only a `room_id` everybody in the room.
"""

import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from app import bus
from app.config import settings
from app.extensions import after_commit, db
from app.models import Event, Tenant
from app.models.columns import now

logger = logging.getLogger(__name__)


def append(
    tenant_id: uuid.UUID,
    type: str,
    payload: dict[str, Any],
    *,
    room_id: uuid.UUID | None = None,
    call_id: uuid.UUID | None = None,
) -> Event:
    """Write an event with the tenant's next number; call it inside a transaction.

    The number comes from the tenant's row, which stays locked until the commit: numbers have no
    gaps and become visible in their order, however many write at once.
    """
    taken = update(Tenant).where(Tenant.id == tenant_id).values(last_seq=Tenant.last_seq + 1)
    seq = db.session.execute(taken.returning(Tenant.last_seq)).scalar_one()
    event = Event(
        tenant_id=tenant_id,
        seq=seq,
        type=type,
        at=now(),
        payload=payload,
        room_id=room_id,
        call_id=call_id,
    )
    db.session.add(event)
    after_commit(lambda: _announce(tenant_id, room_id, seq))
    return event


def of_room(room_id: uuid.UUID, after: int, limit: int = 1000) -> Sequence[Event]:
    """Everything that happened in a room and to its calls after an event, oldest first."""
    query = select(Event).where(Event.room_id == room_id, Event.seq > after)
    return db.session.scalars(query.order_by(Event.seq).limit(limit)).all()


def of_call(
    room_id: uuid.UUID, call_id: uuid.UUID, after: int, limit: int = 1000
) -> Sequence[Event]:
    """What a call's own reader is told: the call's events and those of its room, oldest first."""
    query = select(Event).where(
        Event.room_id == room_id,
        Event.seq > after,
        or_(Event.call_id.is_(None), Event.call_id == call_id),
    )
    return db.session.scalars(query.order_by(Event.seq).limit(limit)).all()


def last_seq(tenant_id: uuid.UUID) -> int:
    """The number of the tenant's newest event; 0 when nothing ever happened."""
    return db.session.scalar(select(Tenant.last_seq).where(Tenant.id == tenant_id)) or 0


def first_seq(tenant_id: uuid.UUID) -> int | None:
    """The number of the tenant's oldest event that is still kept."""
    return db.session.scalar(select(func.min(Event.seq)).where(Event.tenant_id == tenant_id))


def trim() -> int:
    """Forget events older than the retention; returns how many. Call it inside a transaction."""
    horizon = now() - timedelta(days=settings().event_retention_days)
    return db.session.execute(delete(Event).where(Event.at < horizon)).rowcount  # type: ignore[attr-defined]  # A DELETE's result has it.


def _announce(tenant_id: uuid.UUID, room_id: uuid.UUID | None, seq: int) -> None:
    try:
        bus.current().announce(tenant_id, room_id, seq)
    except bus.BusDown:
        # The event is in the log; readers catch up from there when Redis is back.
        logger.warning("An event could not be announced: Redis does not answer")
