"""A room: the place where the members of a call, or guests, hear each other."""

import uuid
from enum import StrEnum

from sqlalchemy import Boolean, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import JSONObject, Key, MaybeMoment, Moment, TenantKey, now


class RoomStatus(StrEnum):
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    ENDED = "ended"


class Room(db.Model):
    __tablename__ = "rooms"
    __table_args__ = (Index(None, "tenant_id", "created_at"), Index(None, "status", "empty_since"))

    id: Mapped[Key]
    tenant_id: Mapped[TenantKey]
    name: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[str] = mapped_column(String(10), default=RoomStatus.ACTIVE)
    end_reason: Mapped[str | None] = mapped_column(String(20))
    rate: Mapped[int] = mapped_column(default=48_000)  # Native sample rate of its mixer, Hz.
    test: Mapped[bool] = mapped_column(Boolean, default=False)  # Made with a test key.
    call_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)  # The call it was made for, if any.
    # The live process that runs it, kept so that a lost lease is not given away too early.
    owner: Mapped[str | None] = mapped_column(String(40))
    config: Mapped[JSONObject]
    meta: Mapped[JSONObject] = mapped_column("metadata")
    empty_since: Mapped[MaybeMoment] = mapped_column(default=now)  # No person or agent is there.
    started_at: Mapped[MaybeMoment] = mapped_column(default=now)
    ended_at: Mapped[MaybeMoment]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment] = mapped_column(onupdate=now)
