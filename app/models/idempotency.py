"""What a request with an Idempotency-Key answered, so that a repeat answers the same."""

from sqlalchemy import Boolean, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import Key, Moment, TenantKey


class IdempotencyRecord(db.Model):
    __tablename__ = "idempotency_records"
    __table_args__ = (UniqueConstraint("tenant_id", "test", "key"),)

    id: Mapped[Key]
    tenant_id: Mapped[TenantKey]
    test: Mapped[bool] = mapped_column(Boolean, default=False)
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))  # SHA-256 of method, path and body.
    status: Mapped[int | None]  # Null while the first request runs.
    body: Mapped[str | None] = mapped_column(Text)  # Encrypted: it may hold a new key.
    created_at: Mapped[Moment]
