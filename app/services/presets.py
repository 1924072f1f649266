"""Voice presets: a tenant's own accounts at speech providers."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from app import tokens
from app.errors import CapabilityMissing, NoSTTPreset, PresetNotFound
from app.extensions import db, transaction
from app.models import VoicePreset
from app.models.columns import now

if TYPE_CHECKING:
    from app.services.calls import Order


class Default(Enum):
    """Stands for the tenant's enabled preset, where None stands for no preset at all."""

    ENABLED = "enabled"


DEFAULT = Default.ENABLED
Choice = uuid.UUID | Default | None


@dataclass(frozen=True)
class Voices:
    """What a call speaks and hears with, and the capabilities that follow from it."""

    capabilities: list[str]
    stt: uuid.UUID | None
    tts: uuid.UUID | None


def create(
    tenant_id: uuid.UUID,
    *,
    kind: str,
    provider: str,
    name: str,
    api_key: str | None,
    options: dict[str, Any],
    enabled: bool | None = None,
) -> VoicePreset:
    """Keep a preset; it is enabled by itself if it is the first of its kind."""
    with transaction():
        if enabled is None:
            enabled = kind not in enabled_by_kind(tenant_id)
        if enabled:
            _disable_all(tenant_id, kind)
        preset = VoicePreset(
            tenant_id=tenant_id,
            kind=kind,
            provider=provider,
            name=name,
            enabled=enabled,
            key_encrypted=tokens.encrypt(api_key) if api_key else None,
            key_last_four=api_key[-4:] if api_key else None,
            options=options,
        )
        db.session.add(preset)
    return preset


def get(tenant_id: uuid.UUID, preset_id: uuid.UUID, kind: str | None = None) -> VoicePreset:
    """Return a preset. Raises PresetNotFound, also for one of another kind."""
    preset = db.session.get(VoicePreset, preset_id)
    if preset is None or preset.tenant_id != tenant_id or kind not in (None, preset.kind):
        raise PresetNotFound
    return preset


def of_tenant(tenant_id: uuid.UUID) -> Sequence[VoicePreset]:
    query = select(VoicePreset).where(VoicePreset.tenant_id == tenant_id)
    return db.session.scalars(query.order_by(VoicePreset.created_at)).all()


_ENABLED = select(VoicePreset.kind, VoicePreset.id).where(
    VoicePreset.tenant_id == bindparam("tenant"), VoicePreset.enabled
)


def enabled_by_kind(tenant_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """A tenant's enabled presets: kind to id."""
    found = db.session.connection().execute(_ENABLED, {"tenant": tenant_id})
    return {row.kind: row.id for row in found}


def enable(preset: VoicePreset) -> VoicePreset:
    """Make a preset the tenant's own of its kind; the other one is disabled."""
    with transaction():
        _disable_all(preset.tenant_id, preset.kind)
        preset.enabled = True
    return preset


def disable(preset: VoicePreset) -> VoicePreset:
    with transaction():
        preset.enabled = False
    return preset


def delete(preset: VoicePreset) -> None:
    """Forget a preset; calls that copied its id go on with what they loaded."""
    with transaction():
        db.session.delete(preset)


def resolve(tenant_id: uuid.UUID, capabilities: Sequence[str], order: "Order") -> Voices:
    """Choose the presets of a call.

    Raises PresetNotFound, NoSTTPreset when transcripts are asked for and there is nothing to make
    them with, CapabilityMissing when the platform has no sound.
    """
    enabled = enabled_by_kind(tenant_id)
    heard = None if order.transcripts is False else order.stt_preset
    stt = _chosen(tenant_id, "stt", heard, enabled)
    tts = _chosen(tenant_id, "tts", order.tts_preset, enabled)
    if order.transcripts and "audio_in" not in capabilities:
        raise CapabilityMissing("There is no sound to transcribe on this platform.")
    if order.transcripts and stt is None:
        raise NoSTTPreset
    able = list(capabilities)
    if stt and "audio_in" in able:
        able.append("hosted_stt")
    if tts and "audio_out" in able:
        able.append("hosted_tts")
    return Voices(able, stt, tts)


def _chosen(
    tenant_id: uuid.UUID, kind: str, choice: Choice, enabled: Mapping[str, uuid.UUID]
) -> uuid.UUID | None:
    if choice is None:
        return None
    if isinstance(choice, Default):
        return enabled.get(kind)
    return get(tenant_id, choice, kind).id


def _disable_all(tenant_id: uuid.UUID, kind: str) -> None:
    others = update(VoicePreset).where(
        VoicePreset.tenant_id == tenant_id, VoicePreset.kind == kind, VoicePreset.enabled
    )
    db.session.execute(others.values(enabled=False, updated_at=now()))
