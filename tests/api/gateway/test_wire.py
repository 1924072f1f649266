import base64
import json
from typing import Any

import pytest

from app.api.gateway.wire import MAX_AUDIO, GatewayWire
from app.wire import (
    Clear,
    ConfigureAudio,
    Mark,
    Ping,
    PlayAudio,
    ReportStats,
    Request,
    WireError,
)

OPTIONS = {"call_id": "call_1", "participant_id": "me", "stream_id": "s", "platform": "room"}


@pytest.fixture
def wire() -> GatewayWire:
    return GatewayWire(OPTIONS)


def parse(wire: GatewayWire, type: str, **fields: Any) -> Any:
    return wire.parse(json.dumps({"type": type, **fields}))


@pytest.mark.parametrize(
    ("message", "command"),
    [
        ({"type": "audio_config"}, ConfigureAudio()),
        (
            {"type": "audio_config", "sample_rate": 24_000, "receive": False, "ref": "r"},
            ConfigureAudio("r", rate=24_000, receive=False),
        ),
        ({"type": "audio", "audio": "AQI="}, PlayAudio(pcm=b"\x01\x02")),
        (
            {"type": "audio", "audio": "", "sample_rate": 8000, "ref": "r"},
            PlayAudio("r", pcm=b"", rate=8000),
        ),
        ({"type": "clear", "ref": "r"}, Clear("r")),
        ({"type": "mark", "name": "n" * 64}, Mark(name="n" * 64)),
        ({"type": "stats"}, ReportStats()),
        ({"type": "stats", "interval_s": 0}, ReportStats(interval=0)),
        ({"type": "stats", "interval_s": 0.5}, ReportStats(interval=0.5)),
        ({"type": "ping", "ts": [1]}, Ping(token=[1])),
        ({"type": "ping"}, Ping()),
        ({"type": "say", "text": "hi"}, Request(name="say", arguments={"text": "hi"})),
        ({"type": "stop_speaking"}, Request(name="stop_speaking", arguments={})),
        (
            {"type": "send_chat", "text": "hi", "sender_name": "Bo", "attachments": []},
            Request(name="chat", arguments={"text": "hi", "sender_name": "Bo"}),
        ),
        ({"type": "typing"}, Request(name="typing", arguments={})),
        ({"type": "hangup"}, Request(name="hang_up", arguments={})),
        (
            {"type": "dtmf", "digits": "1w#", "duration_ms": 40},
            Request(name="dtmf", arguments={"digits": "1w#", "duration_ms": 40, "gap_ms": 80}),
        ),
    ],
)
def test_messages_become_commands(wire: GatewayWire, message: dict[str, Any], command: Any) -> None:
    assert wire.parse(json.dumps(message)) == command


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_message"),
        ("[" * 100_000, "invalid_message"),
        ("null", "invalid_message"),
        ('{"type": null}', "invalid_message"),
        ('{"type": "ping", "ts": Infinity}', "invalid_message"),
        ('{"type": "ping", "ts": 1e999}', "invalid_message"),
        ('{"type": "ping", "ref": 5}', "invalid_message"),
        ('{"type": "ping", "ref": "' + "x" * 65 + '"}', "invalid_message"),
        ('{"type": "audio_config", "receive": 1}', "invalid_message"),
        ('{"type": "mark"}', "invalid_message"),
        ('{"type": "say", "text": ""}', "invalid_message"),
        ('{"type": "send_chat", "text": "\\u0000"}', "invalid_message"),
        ('{"type": "send_chat", "text": "\\ud800"}', "invalid_message"),
        ('{"type": "send_chat", "text": "x", "sender_name": 5}', "invalid_message"),
        ('{"type": "dtmf", "digits": "E"}', "invalid_message"),
        ('{"type": "dtmf", "digits": "1", "gap_ms": 39}', "invalid_message"),
        ('{"type": "dtmf", "digits": "1", "gap_ms": "80"}', "invalid_message"),
        ('{"type": "dtmf", "digits": "1", "gap_ms": true}', "invalid_message"),
        ('{"type": ""}', "unknown_type"),
    ],
)
def test_nonsense_is_an_offence(wire: GatewayWire, text: str, code: str) -> None:
    with pytest.raises(WireError) as caught:
        wire.parse(text)

    assert (caught.value.code, caught.value.offence) == (code, True)
    assert caught.value.close is None


@pytest.mark.parametrize(
    ("type", "fields", "code"),
    [
        ("audio_config", {"sample_rate": 44_101}, "invalid_sample_rate"),
        ("audio", {"audio": "AA=="}, "invalid_audio"),
        ("audio", {"audio": "A A="}, "invalid_audio"),
        ("audio", {"audio": "é"}, "invalid_audio"),
        ("audio", {"audio": "AAA=", "sample_rate": 0}, "invalid_audio"),
        (
            "audio",
            {"audio": base64.b64encode(bytes(MAX_AUDIO + 2)).decode()},
            "frame_too_large",
        ),
        ("say", {"text": "x" * 5001}, "text_too_long"),
        ("send_chat", {"text": "x" * 10_001}, "text_too_long"),
        ("send_chat", {"text": "x", "attachments": [{}]}, "files_unsupported"),
    ],
)
def test_what_cannot_be_done_is_no_offence_and_keeps_its_reference(
    wire: GatewayWire, type: str, fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(WireError) as caught:
        parse(wire, type, ref="r", **fields)

    assert (caught.value.code, caught.value.ref) == (code, "r")
    assert not caught.value.offence


@pytest.mark.parametrize("rate", [8000, 11_050, 44_100, 48_000])
def test_every_rate_divisible_by_50_will_do(wire: GatewayWire, rate: int) -> None:
    assert parse(wire, "audio_config", sample_rate=rate).rate == rate


def test_the_largest_messages_fit_their_limits(wire: GatewayWire) -> None:
    text = json.dumps({"type": "audio", "audio": base64.b64encode(bytes(MAX_AUDIO)).decode()})

    assert len(text) <= wire.max_text
    assert len(wire.parse(text).pcm) == wire.max_binary


def test_a_notice_without_a_word_in_this_dialect_is_not_told(wire: GatewayWire) -> None:
    for name in ("levels", "typing", "stopped_audio", "synced"):
        assert wire.notice(name, {}) is None
