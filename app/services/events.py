"""The event log: written in the transaction of the change, read by everybody who tells of it.

Types are the domain's words; each dialect translates. An event with a `call_id` concerns that call
alone, one with only a `room_id` everybody in the room.
"""

import logging
import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from app import bus
from app.config import settings
from app.extensions import after_commit, db
from app.models import Call, Event, Tenant
from app.models.columns import now

logger = logging.getLogger(__name__)

# Statements of the hot path: built once, and sent without the session's bookkeeping.
_TENANT = Tenant.id == bindparam("tenant")
_TURN = select(Tenant.last_seq).where(_TENANT).with_for_update(key_share=True)
_NUMBER = (
    update(Tenant).where(_TENANT).values(last_seq=Tenant.last_seq + 1).returning(Tenant.last_seq)
)
_EVENT = insert(Event.__table__)


def take_turn(tenant_id: uuid.UUID) -> None:
    """Lock the tenant's row until the commit; the first step of a transaction with events.

    Writers then lock rooms, calls and participants one after the other, the tenant always first,
    so that no two of them can wait for each other. A second call costs nothing.
    """
    session = db.session()
    if db.engine.dialect.name == "sqlite" or session.info.get("turn") == tenant_id:
        return  # SQLite has one writer at a time anyway.
    # Not the key is locked: rows that refer to the tenant may still be made beside it.
    session.connection().execute(_TURN, {"tenant": tenant_id})
    session.info["turn"] = tenant_id


def append(
    tenant_id: uuid.UUID,
    type: str,
    payload: dict[str, Any],
    *,
    room_id: uuid.UUID | None = None,
    call_id: uuid.UUID | None = None,
) -> int:
    """Write an event with the tenant's next number and return that; call it inside a transaction.

    The number comes from the tenant's row, which stays locked until the commit: numbers have no
    gaps and become visible in their order, however many write at once.
    """
    connection = db.session.connection()
    seq: int = connection.execute(_NUMBER, {"tenant": tenant_id}).scalar_one()
    event = {"tenant_id": tenant_id, "seq": seq, "type": type, "at": now(), "payload": payload}
    connection.execute(_EVENT, {**event, "room_id": room_id, "call_id": call_id})
    _announce_later(tenant_id, room_id, seq)
    return seq


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


def history(call: Call, before: int | None = None, limit: int = 200) -> Sequence[Event]:
    """The newest events of a call that are older than one, oldest first.

    Of a room that was there before the call, or is after it, only the call's own time counts.
    """
    query = select(Event).where(
        Event.room_id == call.room_id,
        or_(Event.call_id.is_(None), Event.call_id == call.id),
        Event.at >= call.created_at,
    )
    if call.ended_at is not None:
        # What ended with the call, the room above all, is written in the same transaction.
        query = query.where(Event.at <= call.ended_at + timedelta(seconds=1))
    if before is not None:
        query = query.where(Event.seq < before)
    return db.session.scalars(query.order_by(Event.seq.desc()).limit(limit)).all()[::-1]


def last_seq(tenant_id: uuid.UUID) -> int:
    """The number of the tenant's newest event; 0 when nothing ever happened."""
    return db.session.scalar(select(Tenant.last_seq).where(Tenant.id == tenant_id)) or 0


def newest(tenant_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The number of the newest event of several tenants, by tenant."""
    query = select(Tenant.id, Tenant.last_seq).where(Tenant.id.in_(tenant_ids))
    return {row.id: row.last_seq for row in db.session.execute(query)}


def first_seq(tenant_id: uuid.UUID) -> int | None:
    """The number of the tenant's oldest event that is still kept."""
    return db.session.scalar(select(func.min(Event.seq)).where(Event.tenant_id == tenant_id))


def gap(tenant_id: uuid.UUID, last_seq: int) -> tuple[int, int] | None:
    """(last_seq, oldest kept) when events between the two are no longer kept."""
    first = first_seq(tenant_id)
    return (last_seq, first) if first is not None and first > last_seq + 1 else None


def missed(call: Call, last_seq: int) -> list[Event]:
    """Everything a call's reader has not been told yet, however much it is."""
    found: list[Event] = []
    while True:
        rows = of_call(call.room_id, call.id, found[-1].seq if found else last_seq)
        found += rows
        if not rows:
            return found


def plain(row: Event) -> dict[str, Any]:
    """Write an event as plain values, for other processes and the dialects' sockets."""
    return {
        "seq": row.seq,
        "at": utc(row.at),
        "type": row.type,
        "room_id": str(row.room_id),
        "call_id": str(row.call_id) if row.call_id else None,
        "payload": row.payload,
    }


def utc(moment: datetime) -> str:
    """Write a moment with milliseconds and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def trim() -> int:
    """Forget events older than the retention; returns how many. Call it inside a transaction."""
    horizon = now() - timedelta(days=settings().event_retention_days)
    gone = delete(Event).where(Event.at < horizon).returning(Event.id)
    return len(db.session.execute(gone).all())


def _announce_later(tenant_id: uuid.UUID, room_id: uuid.UUID | None, seq: int) -> None:
    """Announce all events of a transaction together, of each room only the newest."""
    news: bus.News = db.session().info.setdefault("news", {})
    if not news:
        after_commit(lambda: _announce(news))
    news[tenant_id, room_id] = seq


def _announce(news: bus.News) -> None:
    try:
        bus.current().announce(news)
    except bus.BusDown:
        # The events are in the log; readers catch up from there when Redis is back.
        logger.warning("Events could not be announced: Redis does not answer")
