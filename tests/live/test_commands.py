"""What a client's commands do: settings, questions, and requests that change rows."""

import numpy as np
import pytest

from tests.live.fakes import CALL, Client, Stage, ramp, tone


@pytest.fixture
def guest(stage: Stage) -> Client:
    """A listener in the room."""
    found = stage.guest("g1")
    found.tell("audio.start")
    stage.tick()
    found.take()
    return found


def test_audio_config_without_a_rate_is_a_question(stage: Stage) -> None:
    agent = stage.connect()

    agent.say("audio_config", ref="q")
    stage.tick()

    assert agent.words() == [
        {
            "type": "audio_config",
            "sample_rate": 48_000,
            "format": "pcm_s16le",
            "channels": 1,
            "frame_duration_ms": 20,
            "frame_bytes": 1920,
            "native_sample_rate": 48_000,
            "resampling": False,
            "receive": False,
            "ready": True,
            "ref": "q",
        }
    ]


def test_a_declared_rate_holds_both_ways_and_stays_until_the_next(stage: Stage) -> None:
    agent = stage.connect()

    agent.say("audio_config", sample_rate=24_000, receive=True)
    stage.tick()
    agent.say("audio_config")
    stage.tick()

    declared, question = agent.words()
    assert (declared["sample_rate"], declared["frame_bytes"]) == (24_000, 960)
    assert declared["resampling"]
    assert question == declared


@pytest.mark.parametrize("rate", [7950, 48_050, 24_001, 24_000.5, "24000", True])
def test_a_wrong_rate_is_refused_without_a_reply_and_changes_nothing(
    stage: Stage, rate: object
) -> None:
    agent = stage.connect()
    agent.say("audio_config", sample_rate=16_000)
    stage.tick()
    agent.take()

    agent.say("audio_config", sample_rate=rate, receive=True, ref="r")
    agent.say("audio_config")
    stage.tick()

    error, config = agent.words()
    assert (error["code"], error["ref"]) == ("invalid_sample_rate", "r")
    assert (config["sample_rate"], config["receive"]) == (16_000, False)


def test_queued_audio_keeps_its_own_rate_when_another_is_declared(
    stage: Stage, guest: Client
) -> None:
    agent = stage.connect()
    agent.say("audio_config", sample_rate=24_000)
    agent.play(_wave(240, 24_000, frames=10))
    agent.say("audio_config", sample_rate=16_000)
    agent.play(_wave(240, 16_000, frames=10))

    heard = stage.heard(guest, 30)
    sounding = heard[np.abs(heard.astype(int)) > 50]

    assert len(sounding) == pytest.approx(20 * 960, abs=400)
    crossings = np.count_nonzero(np.diff(np.signbit(sounding)))
    assert crossings == pytest.approx(2 * 240 * 0.4, abs=4)


def test_stats_count_frames_of_both_ways_in_and_out(stage: Stage) -> None:
    agent = stage.connect()
    agent.say("audio_config", receive=True)
    stage.tick()
    agent.take()

    agent.play(tone(1))
    stage.tick()
    agent.play(ramp(2)[:1000])
    stage.tick()
    agent.say("audio_config", sample_rate=8000)
    stage.tick()
    agent.say("stats", ref="s")
    stage.tick()

    (stats,) = agent.words("stats")
    assert (stats["in"]["frames"], stats["in"]["bytes"]) == (2, 1920 + 2000)
    assert stats["in"]["dropped_ms"] == 0
    assert (stats["out"]["frames"], stats["out"]["bytes"]) == (4, 3 * 1920 + 320)
    assert stats["ref"] == "s"
    assert stats["rtt_ms"] is None
    assert set(stats["latency_ms"]) == {"p50", "p99"}
    assert stats["uptime_s"] >= 0


@pytest.mark.parametrize("rate", [48_000, 24_000])
def test_an_underrun_is_a_stream_that_ran_dry_not_one_that_goes_on(stage: Stage, rate: int) -> None:
    agent = stage.connect()
    agent.say("audio_config", sample_rate=rate)

    for count in (1, 1, 1, 20):
        agent.play(ramp(count, rate))
        stage.tick()
    stage.tick(30)
    agent.say("stats")
    stage.tick()

    assert agent.words("stats")[0]["in"]["underruns"] == 1


def test_stats_come_at_an_interval_until_it_is_zero(stage: Stage) -> None:
    agent = stage.connect()
    (session,) = stage.sessions()

    agent.say("stats", interval_s=5)
    stage.tick()
    at = session.stats_due
    session.attend(at - 1)
    session.attend(at)
    session.attend(at + 5)
    agent.say("stats", interval_s=0)
    stage.tick()
    session.attend(at + 10)

    assert [m["type"] for m in agent.words()] == ["stats"] * 3


@pytest.mark.parametrize("interval", [-1, 61, "5", True])
def test_an_interval_out_of_range_is_refused(stage: Stage, interval: object) -> None:
    agent = stage.connect()

    agent.say("stats", interval_s=interval)
    stage.tick()

    assert agent.words()[0]["code"] == "invalid_message"


def test_a_ping_comes_back_with_whatever_it_carried(stage: Stage) -> None:
    agent = stage.connect()

    agent.say("ping", ts={"any": [1, None]}, ref="x" * 64)
    stage.tick()

    assert agent.words() == [{"type": "pong", "ts": {"any": [1, None]}, "ref": "x" * 64}]


def test_a_ping_of_a_guest_is_answered_with_the_time(stage: Stage) -> None:
    guest = stage.guest("g1")

    guest.tell("ping")
    stage.tick()

    (pong,) = guest.words()
    assert pong["event"] == "pong"
    assert pong["data"]["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("type", "fields", "name", "arguments"),
    [
        ("send_chat", {"text": "hi"}, "chat", {"text": "hi"}),
        ("say", {"text": "hi"}, "say", {"text": "hi"}),
        ("stop_speaking", {}, "stop_speaking", {}),
        ("typing", {}, "typing", {}),
        ("hangup", {}, "hang_up", {}),
        ("dtmf", {"digits": "1#"}, "dtmf", {"digits": "1#", "duration_ms": 160, "gap_ms": 80}),
    ],
)
def test_what_changes_rows_goes_to_the_registrar(
    stage: Stage, type: str, fields: dict[str, str], name: str, arguments: dict[str, object]
) -> None:
    agent = stage.connect()
    stage.registrar.hear()

    agent.say(type, ref="r", **fields)
    stage.tick()

    (request,) = stage.registrar.hear("request")
    assert (request["name"], request["arguments"]) == (name, arguments)
    assert (request["ref"], request["call"]) == ("r", CALL)


def _wave(pitch: int, rate: int, frames: int) -> np.ndarray:
    at = np.arange(frames * rate // 50) / rate
    return (10_000 * np.sin(2 * np.pi * pitch * at)).astype(np.int16)
