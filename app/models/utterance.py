"""One finished piece of speech with its words."""

import uuid

from sqlalchemy import Boolean, Float, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import Key, Moment, TenantKey


class Utterance(db.Model):
    __tablename__ = "utterances"
    __table_args__ = (Index(None, "call_id", "index"), Index(None, "room_id", "created_at"))

    id: Mapped[Key]
    tenant_id: Mapped[TenantKey]
    room_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("rooms.id", ondelete="CASCADE"))
    call_id: Mapped[uuid.UUID | None] = mapped_column(
        Uuid, ForeignKey("calls.id", ondelete="CASCADE")
    )
    participant_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    speaker: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(20))
    confidence: Mapped[float | None] = mapped_column(Float)
    start: Mapped[float]  # Seconds since the call became active.
    end: Mapped[float]
    own: Mapped[bool] = mapped_column(Boolean, default=False)  # Said by the call's own agent.
    index: Mapped[int | None]  # Line number among the others' utterances; null for own ones.
    created_at: Mapped[Moment]
