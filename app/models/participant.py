"""Somebody in a room: a guest, an agent, or the bridge of a platform."""

import uuid
from enum import StrEnum

from sqlalchemy import Boolean, ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import JSONObject, Key, MaybeMoment, Moment, TenantKey


class ParticipantStatus(StrEnum):
    JOINING = "joining"
    CONNECTED = "connected"
    AWAY = "away"
    LEFT = "left"


class Participant(db.Model):
    __tablename__ = "participants"

    id: Mapped[Key]
    tenant_id: Mapped[TenantKey]
    room_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("rooms.id", ondelete="CASCADE"), index=True
    )
    external_user_id: Mapped[str | None] = mapped_column(String(255))
    display_name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20), default="participant")  # Or host.
    kind: Mapped[str] = mapped_column(String(10), default="person")  # Or agent, bridge.
    status: Mapped[str] = mapped_column(String(10), default=ParticipantStatus.JOINING)
    permissions: Mapped[JSONObject]
    self_muted: Mapped[bool] = mapped_column(Boolean, default=False)
    host_muted: Mapped[bool] = mapped_column(Boolean, default=False)
    hand_raised: Mapped[bool] = mapped_column(Boolean, default=False)
    meta: Mapped[JSONObject] = mapped_column("metadata")
    joined_at: Mapped[MaybeMoment]
    away_since: Mapped[MaybeMoment]  # Last socket lost; after the grace the participant has left.
    left_at: Mapped[MaybeMoment]
    leave_reason: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[Moment]

    @property
    def present(self) -> bool:
        return self.status in (ParticipantStatus.CONNECTED, ParticipantStatus.AWAY)
