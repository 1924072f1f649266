"""A call: an agent's presence in a room, a meeting, or on a phone line."""

import uuid
from enum import StrEnum

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import JSONObject, Key, MaybeMoment, Moment, TenantKey


class CallState(StrEnum):
    CONNECTING = "connecting"
    RINGING = "ringing"
    ACTIVE = "active"
    ENDED = "ended"
    REFUSED = "refused"
    MISSED = "missed"


LIVE_STATES = (CallState.CONNECTING, CallState.RINGING, CallState.ACTIVE)
TERMINAL_STATES = (CallState.ENDED, CallState.REFUSED, CallState.MISSED)


class Call(db.Model):
    __tablename__ = "calls"
    __table_args__ = (
        Index(None, "tenant_id", "state", "created_at"),
        Index(None, "state", "deadline"),
    )

    id: Mapped[Key]
    tenant_id: Mapped[TenantKey]
    room_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("rooms.id", ondelete="CASCADE"), index=True
    )
    participant_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("participants.id", ondelete="CASCADE")
    )
    platform: Mapped[str] = mapped_column(String(20))
    meeting_url: Mapped[str] = mapped_column(String(2048), default="")
    join_token_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)  # Guest link of a room call.
    agent_name: Mapped[str] = mapped_column(String(80))
    account_id: Mapped[str | None] = mapped_column(String(255))
    direction: Mapped[str] = mapped_column(String(10), default="outbound")
    caller: Mapped[str] = mapped_column(String(255), default="")
    callee: Mapped[str] = mapped_column(String(255), default="")
    rate: Mapped[int]  # Native sample rate, Hz.
    capabilities: Mapped[list[str]] = mapped_column(JSON, default=list)
    stt_preset_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    tts_preset_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    meta: Mapped[JSONObject] = mapped_column("metadata")
    test: Mapped[bool] = mapped_column(Boolean, default=False)

    state: Mapped[str] = mapped_column(String(12), default=CallState.CONNECTING)
    state_detail: Mapped[str | None] = mapped_column(String(20))
    end_reason: Mapped[str | None] = mapped_column(String(24))
    error_code: Mapped[str | None] = mapped_column(String(40))
    error_message: Mapped[str | None] = mapped_column(String(500))

    # Timers live here, so that a restart does not reset them.
    deadline: Mapped[
        MaybeMoment
    ]  # Answer, admission or ring timeout, by state; then the age limit.
    goaway_at: Mapped[MaybeMoment]  # When the age limit is announced; null once it was.
    alone_since: Mapped[MaybeMoment]  # Nobody but the agent is present.
    attended_at: Mapped[MaybeMoment]  # A stream was last known to be open.

    transcript_length: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[MaybeMoment]
    ended_at: Mapped[MaybeMoment]
    created_at: Mapped[Moment]

    @property
    def over(self) -> bool:
        return self.state in TERMINAL_STATES
