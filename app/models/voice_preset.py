"""A tenant's own account at a speech provider, with the options to use it."""

from sqlalchemy import Boolean, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.columns import JSONObject, Key, Moment, TenantKey, now


class VoicePreset(db.Model):
    __tablename__ = "voice_presets"
    __table_args__ = (
        # At most one enabled preset of a kind, whoever races.
        Index(
            "uq_voice_presets_enabled",
            "tenant_id",
            "kind",
            unique=True,
            sqlite_where=text("enabled"),
            postgresql_where=text("enabled"),
        ),
    )

    id: Mapped[Key]
    tenant_id: Mapped[TenantKey]
    kind: Mapped[str] = mapped_column(String(10))  # stt or tts.
    provider: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    enabled: Mapped[bool] = mapped_column(Boolean, default=False)
    key_encrypted: Mapped[str | None] = mapped_column(Text)
    key_last_four: Mapped[str | None] = mapped_column(String(4))
    options: Mapped[JSONObject]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment] = mapped_column(onupdate=now)
