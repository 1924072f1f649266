"""The event log: whatever happens is a row, numbered per tenant without gaps."""

import uuid
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import JSONColumn, Key, Moment


class Event(db.Model):
    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("tenant_id", "seq"),
        Index(None, "room_id", "seq"),
        Index(None, "call_id", "seq"),
    )

    id: Mapped[Key]
    tenant_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("tenants.id", ondelete="CASCADE"))
    seq: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(String(40))
    at: Mapped[Moment]
    room_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    call_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONColumn)
