"""Rooms: made, found by id, name or guest link, and ended."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, update

from app import ids, tokens
from app.config import settings
from app.errors import RoomEnded, RoomNotFound
from app.extensions import db, store, transaction
from app.models import Call, JoinToken, Room
from app.models.call import LIVE_STATES
from app.models.columns import now
from app.models.room import RoomStatus
from app.services import call_states, events, participants


def create(
    tenant_id: uuid.UUID,
    name: str = "",
    *,
    rate: int = 48_000,
    test: bool = False,
    call_id: uuid.UUID | None = None,
) -> Room:
    """Open a room, for one call alone if that is given; it is active at once."""
    with transaction():
        room = Room(tenant_id=tenant_id, name=name.strip(), rate=rate, test=test, config={})
        room.call_id = call_id
        store(room)
    return room


def get(tenant_id: uuid.UUID, room_id: uuid.UUID, *, test: bool | None = None) -> Room:
    """Return a room. Raises RoomNotFound, also for another tenant's."""
    room = db.session.get(Room, room_id)
    if room is None or room.tenant_id != tenant_id or (test is not None and room.test != test):
        raise RoomNotFound
    return room


def find(tenant_id: uuid.UUID, reference: str, *, test: bool = False) -> Room:
    """Find an active room by its UUID, its guest link, or its name.

    Of several rooms of one name the active comes before the ended, then the newest.
    Raises RoomNotFound, or RoomEnded.
    """
    room = _find(tenant_id, reference.strip(), test)
    if room is None:
        raise RoomNotFound
    if room.status == RoomStatus.ENDED:
        raise RoomEnded
    return room


def page(
    tenant_id: uuid.UUID, *, status: str | None = None, limit: int = 50, offset: int = 0
) -> tuple[Sequence[Room], int]:
    """A tenant's rooms, newest first, and how many there are in all."""
    query = select(Room).where(Room.tenant_id == tenant_id)
    if status:
        query = query.where(Room.status == status)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(Room.created_at.desc(), Room.id.desc()).limit(limit).offset(offset)
    return db.session.scalars(newest).all(), total


def end(room_id: uuid.UUID, reason: str) -> bool:
    """End a room with everything in it; False when it had ended before."""
    with transaction():
        tenant_id = db.session.scalar(select(Room.tenant_id).where(Room.id == room_id))
        if tenant_id is None:
            return False
        events.take_turn(tenant_id)
        values = {"status": RoomStatus.ENDED, "ended_at": now(), "end_reason": reason}
        done = update(Room).where(Room.id == room_id, Room.status != RoomStatus.ENDED)
        if db.session.execute(done.values(**values).returning(Room.id)).one_or_none() is None:
            return False
        payload = {"room_id": str(room_id), "reason": reason}
        events.append(tenant_id, "room.ended", payload, room_id=room_id)
        for participant in participants.of_room(room_id):
            participants.leave(participant.id, "room_ended")
        live = select(Call).where(Call.room_id == room_id, Call.state.in_(LIVE_STATES))
        for call in db.session.scalars(live).all():
            call_states.finish(call, "room_ended")
        return True


def add_link(room: Room, hours: float | None = None) -> JoinToken:
    """Make a guest link's token; without hours it is good for as long as the room lives."""
    with transaction():
        expires_at = now() + timedelta(hours=hours) if hours else None
        row = JoinToken(
            id=ids.new(), tenant_id=room.tenant_id, room_id=room.id, expires_at=expires_at
        )
        row.token_hash = tokens.digest(tokens.join_token(row.id))
        store(row)
    return row


def link(row_id: uuid.UUID) -> str:
    """The URL of a guest link."""
    return f"{settings().base}/join/{tokens.join_token(row_id)}"


def standing_link(room: Room) -> str:
    """A room's guest link without an end; made when it has none yet."""
    query = select(JoinToken.id).where(JoinToken.room_id == room.id, JoinToken.expires_at.is_(None))
    row_id = db.session.scalar(query.limit(1))
    return link(row_id or add_link(room).id)


def by_link(token: str) -> tuple[Room, JoinToken]:
    """The room a guest's token opens. Raises RoomNotFound, or RoomEnded, also for an old token."""
    query = select(JoinToken).where(JoinToken.token_hash == tokens.digest(token))
    row = db.session.scalar(query)
    if row is None:
        raise RoomNotFound
    if row.expires_at is not None and row.expires_at <= now():
        raise RoomEnded("The link has expired.")
    room = db.session.get(Room, row.room_id)
    if room is None:
        raise RoomNotFound
    if room.status == RoomStatus.ENDED:
        raise RoomEnded
    return room, row


def sweep() -> None:
    """End the rooms that have been empty for too long."""
    horizon = now() - timedelta(seconds=settings().room_empty_timeout)
    query = select(Room.id).where(Room.status == RoomStatus.ACTIVE, Room.empty_since < horizon)
    for room_id in db.session.scalars(query).all():
        end(room_id, "empty")


def _find(tenant_id: uuid.UUID, reference: str, test: bool) -> Room | None:
    own = Room.tenant_id == tenant_id, Room.test == test
    if (room_id := ids.parse_uuid(reference)) is not None:
        return db.session.scalar(select(Room).where(Room.id == room_id, *own))
    token = reference.removeprefix(f"{settings().base}/join/")
    if token.startswith("jt_"):
        row = select(JoinToken.room_id).where(JoinToken.token_hash == tokens.digest(token))
        return db.session.scalar(select(Room).where(Room.id == row.scalar_subquery(), *own))
    named = select(Room).where(func.lower(Room.name) == reference.lower(), *own)
    ended_last = (Room.status == RoomStatus.ENDED).asc(), Room.created_at.desc(), Room.id.desc()
    return db.session.scalar(named.order_by(*ended_last).limit(1))
