"""Voice presets: a tenant's own accounts at speech providers."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select, update

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
            enabled = _enabled(tenant_id, kind) is None
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


def enabled_kinds(tenant_id: uuid.UUID) -> set[str]:
    """The kinds of which a tenant has an enabled preset."""
    query = select(VoicePreset.kind).where(VoicePreset.tenant_id == tenant_id, VoicePreset.enabled)
    return set(db.session.scalars(query).all())


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
    stt = _chosen(tenant_id, "stt", order.stt_preset) if order.transcripts is not False else None
    tts = _chosen(tenant_id, "tts", order.tts_preset)
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


def _chosen(tenant_id: uuid.UUID, kind: Literal["stt", "tts"], choice: Choice) -> uuid.UUID | None:
    if choice is None:
        return None
    if isinstance(choice, Default):
        return _enabled(tenant_id, kind)
    return get(tenant_id, choice, kind).id


def _enabled(tenant_id: uuid.UUID, kind: str) -> uuid.UUID | None:
    query = select(VoicePreset.id).where(
        VoicePreset.tenant_id == tenant_id, VoicePreset.kind == kind, VoicePreset.enabled
    )
    return db.session.scalar(query)


def _disable_all(tenant_id: uuid.UUID, kind: str) -> None:
    others = update(VoicePreset).where(
        VoicePreset.tenant_id == tenant_id, VoicePreset.kind == kind, VoicePreset.enabled
    )
    db.session.execute(others.values(enabled=False, updated_at=now()))
