"""The tables of the REST peer: the columns that placing and polling a call read and write."""

import os
import time
import uuid
from datetime import UTC, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def new_id() -> uuid.UUID:
    """Make a UUIDv7 (RFC 9562 section 5.7)."""
    value = int.from_bytes(os.urandom(10), "big") | (time.time_ns() // 1_000_000) << 80
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def now() -> datetime:
    """The present in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    type_annotation_map = {uuid.UUID: Uuid, dict: JSON, list: JSON}


class Tenant(Base):
    __tablename__ = "tenants"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    last_seq: Mapped[int] = mapped_column(default=0)
    max_calls: Mapped[int] = mapped_column(default=1_000_000)


class ApiKey(Base):
    __tablename__ = "api_keys"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)


class Room(Base):
    __tablename__ = "rooms"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    status: Mapped[str] = mapped_column(String(10), default="active")
    rate: Mapped[int] = mapped_column(default=48000)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Participant(Base):
    __tablename__ = "participants"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    room_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rooms.id"), index=True)
    display_name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(10), default="agent")
    created_at: Mapped[datetime] = mapped_column(default=now)


class JoinToken(Base):
    __tablename__ = "join_tokens"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    room_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rooms.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)


class Call(Base):
    __tablename__ = "calls"
    __table_args__ = (Index("ix_calls_tenant_state", "tenant_id", "state"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"))
    room_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rooms.id"), index=True)
    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participants.id"))
    platform: Mapped[str] = mapped_column(String(20))
    meeting_url: Mapped[str] = mapped_column(String(2048), default="")
    agent_name: Mapped[str] = mapped_column(String(80))
    direction: Mapped[str] = mapped_column(String(10), default="outbound")
    capabilities: Mapped[list] = mapped_column(default=list)
    meta: Mapped[dict] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(12), default="connecting")
    state_detail: Mapped[str | None] = mapped_column(String(20))
    transcript_length: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Utterance(Base):
    __tablename__ = "utterances"
    __table_args__ = (Index("ix_utterances_call_index", "call_id", "index"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"))
    speaker: Mapped[str] = mapped_column(String(100))
    text: Mapped[str]
    start: Mapped[float]
    end: Mapped[float]
    index: Mapped[int]


class Event(Base):
    __tablename__ = "events"
    __table_args__ = (Index("ix_events_tenant_seq", "tenant_id", "seq", unique=True),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"))
    seq: Mapped[int]
    type: Mapped[str] = mapped_column(String(40))
    room_id: Mapped[uuid.UUID | None]
    call_id: Mapped[uuid.UUID | None]
    payload: Mapped[dict]
    at: Mapped[datetime] = mapped_column(default=now)
