"""Voice presets, and which of them a call gets."""

import pytest
from sqlalchemy.exc import IntegrityError

from app import ids, tokens
from app.errors import CapabilityMissing, NoSTTPreset, PresetNotFound
from app.extensions import db, transaction
from app.models import VoicePreset
from app.services import presets
from app.services.calls import Order
from tests.databases import on_both_databases

SOUND = ["audio_in", "audio_out", "read"]


@pytest.fixture
def make(context, tenant):
    def preset(kind, **more):
        values = {"provider": "local", "name": kind, "api_key": None, "options": {}} | more
        return presets.create(tenant.id, kind=kind, **values)

    return preset


def resolve(tenant, capabilities=SOUND, **order):
    return presets.resolve(tenant.id, capabilities, Order(platform="room", **order))


def test_the_first_of_a_kind_is_enabled_by_itself(make, tenant):
    first, second = make("stt"), make("stt")

    assert (first.enabled, second.enabled) == (True, False)
    assert presets.enabled_by_kind(tenant.id) == {"stt": first.id}


def test_enabling_one_disables_the_other_of_its_kind(make):
    first, second, voice = make("stt"), make("stt"), make("tts")

    presets.enable(second)

    db.session.refresh(first)
    assert (first.enabled, second.enabled, voice.enabled) == (False, True, True)


@on_both_databases
def test_the_database_holds_one_enabled_preset_of_a_kind(make, tenant):
    make("stt")

    with pytest.raises(IntegrityError), transaction():
        db.session.add(
            VoicePreset(
                tenant_id=tenant.id, kind="stt", provider="x", name="x", enabled=True, options={}
            )
        )


def test_a_presets_key_is_kept_encrypted(make):
    preset = make("stt", api_key="dg_secret_a1b2")

    assert preset.key_last_four == "a1b2"
    assert "secret" not in preset.key_encrypted
    assert tokens.decrypt(preset.key_encrypted) == "dg_secret_a1b2"


def test_a_preset_is_found_by_its_tenant_and_kind_alone(make, tenant, other):
    preset = make("stt")

    assert presets.get(tenant.id, preset.id) is preset
    for tenant_id, key, kind in (
        (other.id, preset.id, None),
        (tenant.id, preset.id, "tts"),
        (tenant.id, ids.new(), None),
    ):
        with pytest.raises(PresetNotFound):
            presets.get(tenant_id, key, kind)


def test_disabling_and_deleting(make, tenant):
    preset = make("stt")

    assert presets.disable(preset).enabled is False
    presets.delete(preset)
    assert presets.of_tenant(tenant.id) == []


def test_a_call_gets_the_enabled_presets_and_what_follows(make, tenant):
    stt, tts = make("stt"), make("tts")

    voices = resolve(tenant)

    assert (voices.stt, voices.tts) == (stt.id, tts.id)
    assert voices.capabilities == [*SOUND, "hosted_stt", "hosted_tts"]


def test_where_there_is_no_sound_hosted_speech_is_no_capability(make, tenant):
    make("stt")

    assert resolve(tenant, ["read", "write"]).capabilities == ["read", "write"]


def test_a_side_can_be_switched_off(make, tenant):
    make("stt")
    make("tts")

    assert resolve(tenant, stt_preset=None, tts_preset=None).capabilities == SOUND
    assert resolve(tenant, transcripts=False).stt is None


def test_transcripts_need_a_preset_and_sound(make, tenant):
    with pytest.raises(NoSTTPreset):
        resolve(tenant, transcripts=True)
    make("stt")
    assert resolve(tenant, transcripts=True).stt is not None
    with pytest.raises(NoSTTPreset):
        resolve(tenant, transcripts=True, stt_preset=None)
    with pytest.raises(CapabilityMissing):
        resolve(tenant, ["read"], transcripts=True)
