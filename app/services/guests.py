"""Guests: people who come into a room by a link, without an account."""

import uuid

from app.errors import Forbidden, RoomEnded
from app.extensions import db, transaction
from app.models import Participant, Room
from app.models.participant import ParticipantStatus
from app.models.room import RoomStatus
from app.services import events, participants


def seat(room: Room, key: uuid.UUID, display_name: str) -> Participant:
    """Give a guest the seat that belongs to `key`, or the same seat again under a new name.

    Raises RoomEnded, RoomFull, or Forbidden for somebody who was removed.
    """
    with transaction():
        # The turn makes two requests of one guest come one after the other.
        events.take_turn(room.tenant_id)
        current = db.session.get(Room, room.id, populate_existing=True)
        if current is None or current.status != RoomStatus.ACTIVE:
            raise RoomEnded
        found = db.session.get(Participant, key, populate_existing=True)
        if found is None:
            return participants.add(current, display_name, key=key)
        may_sit(current, found)
        found.display_name = display_name
        return found


def may_sit(room: Room, participant: Participant) -> None:
    """Raise Forbidden for somebody who was removed, RoomFull when a former seat is taken."""
    if participant.leave_reason == "removed":
        raise Forbidden("participant was removed")
    if participant.status == ParticipantStatus.LEFT:
        participants.check_seat(room)
