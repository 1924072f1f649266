"""Participants: who is in a room, from being added to having left."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, update

from app import ids
from app.config import settings
from app.errors import ParticipantNotFound, RoomEnded, RoomFull
from app.extensions import db, store, transaction
from app.models import Call, Participant, Room, Tenant
from app.models.call import LIVE_STATES
from app.models.columns import now
from app.models.participant import ParticipantStatus
from app.models.room import RoomStatus
from app.services import events

HERE = (ParticipantStatus.CONNECTED, ParticipantStatus.AWAY)
NOT_GONE = (ParticipantStatus.JOINING, *HERE)

_SEATED = Participant.status != ParticipantStatus.LEFT, Participant.kind != "bridge"
_TAKEN = select(func.count(Participant.id)).where(Participant.room_id == Room.id, *_SEATED)
# Whether a room takes somebody more: its status, the tenant's limit, the seats taken.
_SEATS = (
    select(Room.status, Tenant.max_participants_per_room, _TAKEN.scalar_subquery())
    .join(Tenant, Tenant.id == Room.tenant_id)
    .where(Room.id == bindparam("room"))
)


def add(
    room: Room,
    display_name: str,
    *,
    kind: str = "person",
    role: str = "participant",
    external_user_id: str | None = None,
    meta: dict[str, Any] | None = None,
    key: uuid.UUID | None = None,
) -> Participant:
    """Put somebody on a room's list, not connected yet; call it inside a transaction.

    `key` is the new row's id where the caller has given one away already. Raises RoomFull and
    RoomEnded. It is the tenant's turn while seats are counted: of two who want the last one, one
    gets it.
    """
    events.take_turn(room.tenant_id)
    check_seat(room)
    participant = Participant(
        id=key or ids.new(),
        tenant_id=room.tenant_id,
        room_id=room.id,
        display_name=display_name,
        kind=kind,
        role=role,
        external_user_id=external_user_id,
        meta=meta or {},
    )
    store(participant)
    return participant


def get(tenant_id: uuid.UUID, participant_id: uuid.UUID) -> Participant:
    """Return a participant. Raises ParticipantNotFound."""
    found = db.session.get(Participant, participant_id)
    if found is None or found.tenant_id != tenant_id:
        raise ParticipantNotFound
    return found


def of_room(room_id: uuid.UUID, *, present: bool = False) -> Sequence[Participant]:
    """A room's participants in the order they were added; only those who are there, if asked."""
    query = select(Participant).where(Participant.room_id == room_id)
    if present:
        query = query.where(Participant.status.in_(HERE))
    return db.session.scalars(query.order_by(Participant.created_at, Participant.id)).all()


def present_in(room_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Participant]]:
    """Who is in each of these rooms now; a room where nobody is has an empty list."""
    query = select(Participant).where(
        Participant.room_id.in_(room_ids), Participant.status.in_(HERE)
    )
    found: dict[uuid.UUID, list[Participant]] = {room_id: [] for room_id in room_ids}
    for row in db.session.scalars(query.order_by(Participant.created_at, Participant.id)):
        found[row.room_id].append(row)
    return found


def page(
    room_id: uuid.UUID, *, present: bool = False, limit: int = 1000, offset: int = 0
) -> tuple[Sequence[Participant], int]:
    """A part of a room's participants in the order they were added, and how many there are."""
    query = select(Participant).where(Participant.room_id == room_id)
    if present:
        query = query.where(Participant.status.in_(HERE))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    in_order = query.order_by(Participant.created_at, Participant.id)
    return db.session.scalars(in_order.limit(limit).offset(offset)).all(), total


def people_in(room_ids: Sequence[uuid.UUID]) -> Sequence[Participant]:
    """The people who are connected to any of these rooms."""
    query = select(Participant).where(
        Participant.room_id.in_(room_ids),
        Participant.status == ParticipantStatus.CONNECTED,
        Participant.kind == "person",
    )
    return db.session.scalars(query).all()


def capacity(room: Room) -> int:
    """How many seats a room has."""
    most = db.session.scalar(
        select(Tenant.max_participants_per_room).where(Tenant.id == room.tenant_id)
    )
    return _seats(room, most or 0)


def check_seat(room: Room) -> None:
    """Raise RoomFull when a room has no free seat, RoomEnded when it has none at all any more."""
    status, most, taken = db.session.connection().execute(_SEATS, {"room": room.id}).one()
    if status == RoomStatus.ENDED:
        raise RoomEnded
    if taken >= _seats(room, most):
        raise RoomFull


def count(room_id: uuid.UUID) -> int:
    """How many seats of a room are taken; bridges take none."""
    return _count(Participant.room_id == room_id, *_SEATED)


def connect(participant_id: uuid.UUID) -> Participant | None:
    """Note that a participant's first socket is open, or that a lost one is back.

    Returns None when it may not be there: the room has ended, or it was removed.
    """
    with transaction():
        found = _locked(participant_id)
        room = db.session.get(Room, found.room_id, populate_existing=True) if found else None
        if found is None or room is None or room.status != RoomStatus.ACTIVE:
            return None
        if found.leave_reason == "removed":
            return None
        returning = found.status == ParticipantStatus.AWAY
        found.away_since = None
        if found.status == ParticipantStatus.CONNECTED:
            return found
        found.status = ParticipantStatus.CONNECTED
        if not returning:
            found.joined_at, found.left_at, found.leave_reason = now(), None, None
            db.session.flush()  # The event tells how many are there now.
            _told(found, "participant.joined")
        _note_presence(found.room_id)
        return found


def lose(participant_id: uuid.UUID) -> None:
    """Note that a participant's last socket broke; after a grace it will have left."""
    with transaction():
        db.session.execute(
            update(Participant)
            .where(
                Participant.id == participant_id,
                Participant.status == ParticipantStatus.CONNECTED,
            )
            .values(status=ParticipantStatus.AWAY, away_since=now())
        )


def leave(
    participant_id: uuid.UUID,
    reason: str = "left",
    *,
    since: Sequence[ParticipantStatus] = NOT_GONE,
) -> bool:
    """Let a participant leave if it is in one of the states; False when it is not.

    A second call changes nothing.
    """
    with transaction():
        found = _locked(participant_id)
        if found is None or found.status not in since:
            return False
        was_present = found.present
        found.status, found.left_at, found.leave_reason = ParticipantStatus.LEFT, now(), reason
        found.away_since, found.hand_raised = None, False
        db.session.flush()  # The event tells how many are left.
        if was_present:
            _told(found, "participant.left", reason=reason)
            _note_presence(found.room_id)
        return True


def mute(participant_id: uuid.UUID, *, self_muted: bool) -> None:
    """Set a participant's own mute; tells the room when that changed anything."""
    with transaction():
        found = _locked(participant_id)
        if found is None or found.self_muted == self_muted:
            return
        found.self_muted = self_muted
        payload = {
            "id": str(found.id),
            "is_muted": found.self_muted or found.host_muted,
            "self_muted": found.self_muted,
            "host_muted": found.host_muted,
            "by": str(found.id),
        }
        events.append(found.tenant_id, "participant.muted", payload, room_id=found.room_id)


def sweep() -> None:
    """Let go of those whose sockets stayed away too long, and of those who never came."""
    grace = now() - timedelta(seconds=settings().away_timeout)
    query = select(Participant.id).where(
        Participant.status == ParticipantStatus.AWAY, Participant.away_since < grace
    )
    for participant_id in db.session.scalars(query).all():
        leave(participant_id, since=(ParticipantStatus.AWAY,))
    never = select(Participant.id).where(
        Participant.status == ParticipantStatus.JOINING,
        Participant.kind == "person",
        Participant.created_at < now() - timedelta(hours=24),
    )
    for participant_id in db.session.scalars(never).all():
        leave(participant_id, "never_connected", since=(ParticipantStatus.JOINING,))


def _locked(participant_id: uuid.UUID) -> Participant | None:
    """Take the tenant's turn and read a participant as it is then."""
    found = db.session.get(Participant, participant_id)
    if found is None:
        return None
    events.take_turn(found.tenant_id)
    return db.session.get(Participant, participant_id, populate_existing=True)


def _seats(room: Room, most: int) -> int:
    return min(most, room.config.get("max_participants") or most)


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(Participant.id)).where(*conditions)) or 0


def _told(participant: Participant, type: str, **more: Any) -> None:
    payload = {
        "id": str(participant.id),
        "name": participant.display_name,
        "kind": participant.kind,
        "role": participant.role,
        "joined_at": participant.joined_at.isoformat() if participant.joined_at else None,
        "self_muted": participant.self_muted,
        "host_muted": participant.host_muted,
        "participants": _count(
            Participant.room_id == participant.room_id, Participant.status.in_(HERE)
        ),
        **more,
    }
    events.append(participant.tenant_id, type, payload, room_id=participant.room_id)


def _note_presence(room_id: uuid.UUID) -> None:
    """Start or stop the timers of an empty room and of agents left alone."""
    present = Participant.room_id == room_id, Participant.status.in_(HERE)
    anybody = _count(*present) > 0
    empty_since = None if anybody else now()
    db.session.execute(update(Room).where(Room.id == room_id).values(empty_since=empty_since))
    others = (
        select(func.count(Participant.id))
        .where(*present, Participant.id != Call.participant_id)
        .scalar_subquery()
    )
    calls = update(Call).where(Call.room_id == room_id, Call.state.in_(LIVE_STATES))
    db.session.execute(calls.where(others > 0).values(alone_since=None))
    lonely = calls.where(others == 0, Call.alone_since.is_(None))
    db.session.execute(lonely.values(alone_since=now()))
