"""How a room sounds: held audio, overflow, mutes, levels."""

import numpy as np
import pytest

from tests.live.fakes import AGENT, CALL, SECOND, Stage, ramp, tone

OTHER_CALL = CALL[:-1] + "9"
OTHER_AGENT = AGENT[:-1] + "9"
ANN = {"id": "g1", "name": "Ann", "kind": "person", "role": "participant", "external_user_id": None}
ANN |= {"self_muted": False, "host_muted": False, "hand_raised": False, "audio": False}
ANN |= {"joined_at": None}
MUTES = {"is_muted": True, "self_muted": True, "host_muted": False, "by": "g1"}


def test_audio_is_held_until_the_call_is_active_and_then_plays_whole(stage: Stage) -> None:
    guest = stage.guest("g1")
    guest.tell("audio.start")
    agent = stage.connect(welcome={"state": "connecting"})
    sent = ramp(25)

    for frame in np.split(sent, 25):
        agent.play(frame)
        stage.tick()
    guest.take()
    silence = stage.heard(guest, 3)
    stage.state(11, "active")
    heard = stage.heard(guest, 30)

    assert not silence.any()
    assert heard[: len(sent)].tolist() == sent.tolist()


def test_held_audio_is_discarded_by_a_clear(stage: Stage) -> None:
    agent = stage.connect(welcome={"state": "ringing"})

    agent.play(ramp(20))
    agent.say("clear")
    stage.tick()

    assert agent.words() == [{"type": "cleared", "played_ms": 0, "discarded_ms": 400}]


def test_overflow_drops_the_oldest_counts_it_and_says_so_once(stage: Stage) -> None:
    stage.rate = 8000
    guest = stage.guest("g1")
    guest.tell("audio.start", sample_rate=8000)
    agent = stage.connect(welcome={"state": "connecting"})
    most = 1 << 20

    for _ in range(2):
        agent.play(np.full(most // 2, 7, np.int16))
        stage.tick(8)
    agent.play(np.full(160, 9, np.int16))
    agent.say("stats")
    stage.tick(2)

    overflow, stats = agent.words()
    lost = (most + 160 - 120 * 8000) // 8
    assert overflow["code"] == "audio_overflow"
    assert stats["in"]["dropped_ms"] == pytest.approx(lost, abs=1)
    assert stats["in"]["queued_ms"] == pytest.approx(120_000, abs=1)


def test_the_newer_microphone_of_a_participant_takes_over(stage: Stage) -> None:
    listener = stage.connect()
    listener.say("audio_config", receive=True)
    old, new = stage.guest("g1"), stage.guest("g1")
    old.tell("audio.start")
    stage.tick()
    old.play(tone(4))
    new.tell("audio.start")
    stage.tick()
    listener.take()

    old.play(tone(5))
    new.play(tone(6))
    stage.tick()

    assert old.words("audio.stopped")[0]["data"] == {"reason": "replaced"}
    assert listener.frames()[0].tolist() == tone(6).tolist()


def test_a_guest_may_send_a_second_at_once_and_is_heard_whole(stage: Stage) -> None:
    listener, guest = stage.connect(), stage.guest("g1")
    listener.say("audio_config", receive=True)
    guest.tell("audio.start")
    stage.tick()
    listener.take()
    sent = ramp(SECOND)

    guest.play(sent)
    heard = stage.heard(listener, SECOND)

    assert heard.tolist() == sent.tolist()


@pytest.mark.parametrize("rate", [48_000, 16_000])
def test_a_muted_member_is_silent_from_the_next_frame(stage: Stage, rate: int) -> None:
    listener, guest = stage.connect(), stage.guest("g1")
    listener.say("audio_config", receive=True)
    guest.tell("audio.start", sample_rate=rate)
    stage.tick()
    listener.take()

    guest.tell("audio.mute")
    stage.tick()
    listener.take()
    guest.play(tone(5, rate))
    stage.tick()
    muted = listener.frames()
    guest.tell("audio.unmute")
    stage.tick()
    guest.play(tone(5, rate))
    stage.tick()

    assert not np.any(muted)
    assert np.any(listener.frames()[-1])
    assert [r["name"] for r in stage.registrar.hear("request")] == ["mute", "mute"]


def test_a_mute_that_a_host_ordered_silences_an_agent_however_its_audio_came(
    stage: Stage,
) -> None:
    guest = stage.guest("g1")
    guest.tell("audio.start")
    agent = stage.connect()
    agent.play(ramp(3)[:2000])

    stage.event("participant.muted", 11, id=AGENT, **MUTES | {"host_muted": True})

    assert not stage.heard(guest, 6).any()


def test_somebody_muted_before_the_room_was_here_stays_muted(stage: Stage) -> None:
    listener = stage.connect()
    listener.say("audio_config", receive=True)
    guest = stage.guest("g1", welcome={"participants": [ANN | {"self_muted": True}]})
    guest.tell("audio.start")
    stage.tick()
    listener.take()

    guest.play(tone(5))
    stage.tick()

    assert not listener.frames()[0].any()


def test_levels_are_shown_to_guests_and_to_a_watching_dashboard_until_all_is_quiet(
    stage: Stage,
) -> None:
    guest, agent = stage.guest("g1"), stage.connect()
    stage.order("ask", id="1", room=stage.header()["room_id"], name="watch", seconds=60)
    stage.registrar.hear()

    for _ in range(10):
        agent.play(tone(16_384))
        stage.tick()
    stage.tick(30)

    levels = [message["data"]["levels"] for message in guest.words("audio.levels")]
    assert levels == [{AGENT: -6.0}, {}]
    assert [r["levels"] for r in stage.registrar.hear("levels")] == levels
    assert not agent.words()
