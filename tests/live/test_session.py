"""A stream's audio and messages on the wire."""

import numpy as np
import pytest

from app import websocket
from app.live.session import PING_EVERY, PONG_WITHIN
from app.websocket import Close, Ping
from tests.live.fakes import Client, Stage, ramp, tone

MIB = 1 << 20


@pytest.fixture
def guest(stage: Stage) -> Client:
    """A listener in the room."""
    found = stage.guest("g1")
    found.tell("audio.start")
    stage.tick()
    found.take()
    return found


def test_frames_of_any_size_are_joined_and_the_last_is_padded_after_two_ticks(
    stage: Stage, guest: Client
) -> None:
    agent = stage.connect()
    sent = ramp(4)[:3000]

    for piece in np.split(sent, [1, 700, 2900]):
        agent.play(piece)
    heard = stage.heard(guest, 7)

    assert heard[:2880].tolist() == sent[:2880].tolist()
    assert not heard[2880 : 5 * 960].any()  # It waits 40 ms for more.
    assert heard[5 * 960 : 5 * 960 + 120].tolist() == sent[2880:].tolist()
    assert not heard[5 * 960 + 120 :].any()


def test_half_a_sample_waits_for_the_next_binary_frame(stage: Stage, guest: Client) -> None:
    agent = stage.connect()
    data = tone(0x0102).tobytes()

    agent.play(data[:1001])
    agent.play(b"")  # Empty frames are ignored.
    stage.tick()
    agent.play(data[1001:])
    heard = stage.heard(guest, 4)

    assert heard[heard != 0].tolist() == tone(0x0102).tolist()


@pytest.mark.parametrize(
    "message", [{"type": "clear"}, {"type": "audio_config", "sample_rate": 48_000}]
)
def test_half_a_sample_is_discarded_by_a_clear_and_by_a_new_rate(
    stage: Stage, guest: Client, message: dict[str, object]
) -> None:
    agent = stage.connect()

    agent.play(b"\x7f")
    agent.say(**message)
    agent.play(tone(5))

    assert set(stage.heard(guest, 3).tolist()) == {0, 5}


def test_a_ping_goes_out_every_20_seconds_and_without_a_pong_the_connection_is_dropped(
    stage: Stage,
) -> None:
    agent = stage.connect()
    (session,) = stage.sessions()

    session.attend(session.opened_at + PING_EVERY + 1)
    (ping,) = agent.take()
    agent.send(websocket.encode_pong(ping.payload, mask=True))
    stage.tick()
    session.attend(session.opened_at + 2 * PING_EVERY + 2)
    (second,) = agent.take()
    session.attend(session.opened_at + 2 * PING_EVERY + PONG_WITHIN + 3)
    stage.tick()

    assert isinstance(ping, Ping)
    assert isinstance(second, Ping)
    assert not stage.sessions()
    assert agent.take() == []


def test_a_pong_tells_the_round_trip_time(stage: Stage) -> None:
    agent = stage.connect()
    (session,) = stage.sessions()

    session.attend(session.opened_at + PING_EVERY + 1)
    agent.send(websocket.encode_pong(b"0", mask=True) + websocket.encode_pong(b"?", mask=True))
    agent.say("stats")
    stage.tick()

    assert agent.words("stats")[0]["rtt_ms"] > 0


def test_a_ping_of_the_client_is_answered_with_its_payload(stage: Stage) -> None:
    agent = stage.connect()

    agent.send(websocket.encode_ping(b"hi", mask=True))
    stage.tick()

    assert agent.take() == [websocket.Pong(b"hi")]


@pytest.mark.parametrize(("code", "clean"), [(1000, True), (1001, False), (1005, False)])
def test_a_close_is_answered_and_told_whether_the_client_meant_to_leave(
    stage: Stage, code: int, clean: bool
) -> None:
    agent = stage.connect()
    stage.registrar.hear()

    agent.send(websocket.encode_close(code, mask=True))
    stage.tick()

    assert agent.take() == [Close(code, "")]
    assert stage.registrar.hear("detached")[0]["clean"] is clean


def test_frames_change_their_size_at_the_boundary_after_the_reply(stage: Stage) -> None:
    agent = stage.connect()
    agent.say("audio_config", receive=True)
    stage.tick(2)

    agent.say("audio_config", sample_rate=24_000)
    stage.tick(2)
    agent.say("audio_config", receive=False)
    stage.tick(2)

    sizes = [m["frame_bytes"] if isinstance(m, dict) else len(m.payload) for m in agent.take()]
    assert sizes == [1920, 1920, 1920, 960, 960, 960, 960]
