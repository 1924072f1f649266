"""A line of the chat inside a room."""

import uuid

from sqlalchemy import ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import Key, Moment, TenantKey


class ChatMessage(db.Model):
    __tablename__ = "chat_messages"
    __table_args__ = (Index(None, "room_id", "created_at"),)

    id: Mapped[Key]
    tenant_id: Mapped[TenantKey]
    room_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("rooms.id", ondelete="CASCADE"))
    call_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)  # The call whose agent wrote it.
    participant_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    sender: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str | None] = mapped_column(String(64))  # The sender's own id, for repeats.
    created_at: Mapped[Moment]
