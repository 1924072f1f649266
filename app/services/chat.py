"""The chat inside a room."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from app import ids
from app.extensions import db, transaction
from app.models import Call, ChatMessage, Participant
from app.models.columns import now
from app.services import events


def send(
    participant: Participant,
    text: str,
    *,
    call: Call | None = None,
    client_id: str | None = None,
    sender: str = "",
) -> tuple[ChatMessage, bool]:
    """Write a line into a room's chat; returns it, and whether it is new.

    `sender` is shown instead of the participant's own name.

    The same `client_id` from the same participant within a day gives the first line again.
    """
    with transaction():
        events.take_turn(participant.tenant_id)
        if client_id and (earlier := _sent(participant.id, client_id)):
            return earlier, False
        message = ChatMessage(
            id=ids.new(),
            tenant_id=participant.tenant_id,
            room_id=participant.room_id,
            call_id=call.id if call else None,
            participant_id=participant.id,
            sender=sender or participant.display_name,
            text=text,
            client_id=client_id,
            created_at=now(),
        )
        db.session.add(message)
        payload = {
            "message_id": str(message.id),
            "sender_id": str(participant.id),
            "sender": message.sender,
            "text": text,
            "client_id": client_id,
        }
        events.append(participant.tenant_id, "chat.message", payload, room_id=participant.room_id)
        return message, True


def latest(room_id: uuid.UUID, limit: int = 50) -> Sequence[ChatMessage]:
    """A room's newest lines, oldest first."""
    query = select(ChatMessage).where(ChatMessage.room_id == room_id)
    newest = query.order_by(ChatMessage.created_at.desc(), ChatMessage.id.desc()).limit(limit)
    return db.session.scalars(newest).all()[::-1]


def _sent(participant_id: uuid.UUID, client_id: str) -> ChatMessage | None:
    query = select(ChatMessage).where(
        ChatMessage.participant_id == participant_id,
        ChatMessage.client_id == client_id,
        ChatMessage.created_at > now() - timedelta(days=1),
    )
    return db.session.scalar(query)
