"""An API key, of which only the hash is kept."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import JSONColumn, Key, MaybeMoment, Moment, TenantKey


class Environment(StrEnum):
    LIVE = "live"
    TEST = "test"


class ApiKey(db.Model):
    __tablename__ = "api_keys"

    id: Mapped[Key]
    tenant_id: Mapped[TenantKey]
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(12))  # Shown, with the last four characters.
    last_four: Mapped[str] = mapped_column(String(4))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, hex.
    environment: Mapped[str] = mapped_column(String(4), default=Environment.LIVE)
    scopes: Mapped[list[str]] = mapped_column(JSONColumn, default=list)  # Empty: all of them.
    last_used_at: Mapped[MaybeMoment]
    expires_at: Mapped[MaybeMoment]
    revoked_at: Mapped[MaybeMoment]
    created_at: Mapped[Moment]

    def is_live(self, at: datetime) -> bool:
        """Whether the key opens anything at that moment."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)
