"""What a client plays: base64 audio, clear, and marks."""

import base64

import numpy as np
import pytest

from app.live.commands import MAX_MARKS
from tests.live.fakes import SECOND, Client, Stage, ramp, tone


@pytest.fixture
def guest(stage: Stage) -> Client:
    """A listener in the room."""
    found = stage.guest("g1")
    found.tell("audio.start")
    stage.tick()
    found.take()
    return found


def test_base64_audio_may_have_a_rate_of_its_own_for_one_message(
    stage: Stage, guest: Client
) -> None:
    agent = stage.connect()

    agent.say("audio", audio=_base64(tone(100, 8000)), sample_rate=8000)
    agent.say("audio", audio=_base64(tone(200)))
    heard = stage.heard(guest, 8)

    loud = np.flatnonzero(heard > 150)
    assert len(loud) == pytest.approx(960, abs=40)
    assert np.count_nonzero((heard > 50) & (heard < 150)) == pytest.approx(960, abs=80)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"audio": "AAAA"}, "invalid_audio"),  # Three bytes.
        ({"audio": "?"}, "invalid_audio"),
        ({"audio": "AAA=", "sample_rate": 7000}, "invalid_audio"),
        ({"audio": 5}, "invalid_message"),
        ({}, "invalid_message"),
        ({"audio": base64.b64encode(bytes((1 << 20) + 2)).decode()}, "frame_too_large"),
    ],
)
def test_of_base64_audio_with_a_fault_nothing_plays(
    stage: Stage, guest: Client, fields: dict[str, object], code: str
) -> None:
    agent = stage.connect()

    agent.say("audio", ref="a", **fields)
    stage.tick(8)

    (error,) = agent.words()
    assert (error["code"], error["ref"]) == (code, "a")
    assert not stage.heard(guest, 4).any()


def test_half_a_sample_of_a_binary_frame_waits_through_base64_audio(
    stage: Stage, guest: Client
) -> None:
    agent = stage.connect()

    agent.play(b"\x07")
    agent.say("audio", audio=_base64(tone(5)))
    agent.play(b"\x00")
    heard = stage.heard(guest, 6)

    assert heard[heard != 0].tolist() == [*tone(5).tolist(), 7]


def test_clear_silences_from_the_next_tick_and_counts_what_was_heard(
    stage: Stage, guest: Client
) -> None:
    agent = stage.connect()
    agent.play(ramp(40))
    stage.tick(10)
    guest.take()

    agent.say("clear", ref="c")
    heard = stage.heard(guest, 3)

    cleared = {"type": "cleared", "played_ms": 200, "discarded_ms": 600, "ref": "c"}
    assert agent.words() == [cleared]
    assert not heard.any()


def test_clear_counts_from_when_the_queue_last_ran_dry(stage: Stage) -> None:
    agent = stage.connect()

    for rate in (48_000, 24_000):  # The short way, then the long one.
        agent.say("audio_config", sample_rate=rate)
        stage.tick()
        agent.play(ramp(3, rate))
        stage.tick(10)
        agent.play(ramp(10, rate))
        stage.tick(5)
        agent.say("clear")
        stage.tick()

    cleared = agent.words("cleared")
    assert [c["played_ms"] for c in cleared] == [100, pytest.approx(100, abs=5)]
    assert [c["discarded_ms"] for c in cleared] == [100, pytest.approx(100, abs=5)]


def test_clear_with_nothing_queued_answers_zeros(stage: Stage) -> None:
    agent = stage.connect()
    agent.play(ramp(5))
    stage.tick(10)

    agent.say("clear")
    agent.say("clear")
    stage.tick()

    nothing = {"type": "cleared", "played_ms": 0, "discarded_ms": 0}
    assert agent.words() == [nothing, nothing]


def test_clear_releases_waiting_marks_first(stage: Stage) -> None:
    agent = stage.connect()
    agent.play(ramp(10))
    agent.say("mark", name="a")
    agent.say("mark", name="b")
    stage.tick(4)

    agent.say("clear")
    stage.tick()

    first, second, cleared = agent.words()
    assert first == {"type": "mark_played", "name": "a", "played_ms": 80, "cleared": True}
    assert (second["name"], second["cleared"]) == ("b", True)
    assert cleared["type"] == "cleared"


def test_clear_stops_every_stream_of_the_call(stage: Stage, guest: Client) -> None:
    agent, other = stage.connect(), stage.connect()
    other.play(ramp(20))
    other.say("mark", name="m")
    stage.tick(4)
    guest.take()

    agent.say("clear")
    heard = stage.heard(guest, 2)

    assert not heard.any()
    assert agent.words()[0]["discarded_ms"] == 320
    assert other.words() == [{"type": "mark_played", "name": "m", "played_ms": 80, "cleared": True}]


def test_a_mark_waits_behind_the_audio_before_it_and_not_behind_what_follows(
    stage: Stage,
) -> None:
    agent = stage.connect()

    agent.play(ramp(3))
    agent.say("mark", name="a", ref="r")
    agent.play(ramp(30))
    for _ in range(3):
        assert not agent.words()
        stage.tick()
    stage.tick()

    told = {"type": "mark_played", "name": "a", "played_ms": 60, "cleared": False}
    assert agent.words() == [told]


def test_a_mark_on_an_empty_queue_comes_back_at_once(stage: Stage) -> None:
    agent = stage.connect()

    agent.say("mark", name="a")
    stage.tick()

    told = {"type": "mark_played", "name": "a", "played_ms": 0, "cleared": False}
    assert agent.words() == [told]


def test_the_257th_mark_is_one_too_many(stage: Stage) -> None:
    stage.connect()
    (session,) = stage.sessions()
    session.wire.messages_per_second = session._conduct.messages_per_second = 10_000
    agent = stage.clients[-1]
    agent.play(ramp(30))

    for number in range(MAX_MARKS + 1):
        agent.say("mark", name=str(number), ref=str(number))
    stage.tick(5)

    (error,) = agent.words()
    assert (error["code"], error["ref"]) == ("too_many_marks", str(MAX_MARKS))


@pytest.mark.parametrize("name", ["", "x" * 65, None, 5, "\ud800"])
def test_a_mark_needs_a_name(stage: Stage, name: object) -> None:
    agent = stage.connect()

    agent.say("mark", name=name)
    stage.tick()

    assert agent.words()[0]["code"] == "invalid_message"


def test_a_stream_that_kept_the_short_way_returns_to_it_after_a_mark(stage: Stage) -> None:
    agent = stage.connect()
    (session,) = stage.sessions()

    agent.play(tone(1))
    agent.say("mark", name="m")
    stage.tick(SECOND)

    assert session.exact > 0


def _base64(pcm: np.ndarray) -> str:
    return base64.b64encode(pcm.astype("<i2").tobytes()).decode()
