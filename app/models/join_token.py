"""A guest link into a room; only the hash of its token is kept."""

import uuid

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import Key, MaybeMoment, Moment, TenantKey


class JoinToken(db.Model):
    __tablename__ = "join_tokens"

    id: Mapped[Key]
    tenant_id: Mapped[TenantKey]
    room_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("rooms.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[MaybeMoment]  # Null: for as long as the room lives.
    created_at: Mapped[Moment]
