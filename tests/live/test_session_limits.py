"""What a client may not do, and what becomes of one that does."""

import json

import numpy as np
import pytest

from app import websocket
from app.websocket import Close
from tests.live.fakes import EVERYTHING, SECOND, Client, Stage, ramp, tone

MIB = 1 << 20


@pytest.fixture
def guest(stage: Stage) -> Client:
    """A listener in the room."""
    found = stage.guest("g1")
    found.tell("audio.start")
    stage.tick()
    found.take()
    return found


def test_a_frame_of_one_mebibyte_plays_and_a_larger_one_closes_with_1009(stage: Stage) -> None:
    stage.rate = 8000
    agent = stage.connect()

    agent.play(bytes(MIB))
    stage.tick(8)
    agent.say("stats")
    stage.tick()
    (stats,) = agent.words("stats")
    agent.play(bytes(MIB + 1))
    stage.tick()

    assert (stats["in"]["frames"], stats["in"]["bytes"]) == (1, MIB)
    error, close = agent.take()
    assert error["code"] == "frame_too_large"
    assert close.code == 1009


def test_text_over_one_and_a_half_mebibytes_closes_with_1009(stage: Stage) -> None:
    agent = stage.connect()

    agent.say("ping", ts="x" * (3 * MIB // 2))
    stage.tick()

    error, close = agent.take()
    assert error["code"] == "frame_too_large"
    assert close.code == 1009


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (websocket.encode(websocket.Opcode.TEXT, b"\xff", mask=True), 1007),
        (websocket.encode_text("{}"), 1002),
    ],
)
def test_a_client_that_breaks_the_protocol_is_closed_with_its_code(
    stage: Stage, data: bytes, code: int
) -> None:
    agent = stage.connect()

    agent.send(data)
    stage.tick()

    assert agent.goodbye().code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", "invalid_message"),
        ("[]", "invalid_message"),
        ('{"type": 1}', "invalid_message"),
        ('{"type": "ping", "ts": NaN}', "invalid_message"),
        ('{"type": "sing"}', "unknown_type"),
    ],
)
def test_what_is_no_message_is_complained_of_and_the_socket_stays(
    stage: Stage, text: str, code: str
) -> None:
    agent = stage.connect()

    agent.send(websocket.encode_text(text, mask=True))
    agent.say("ping")
    stage.tick()

    error, pong = agent.take()
    assert (error["type"], error["code"]) == ("call_error", code)
    assert pong["type"] == "pong"


def test_twenty_useless_messages_close_with_4400_and_what_follows_is_left(stage: Stage) -> None:
    agent = stage.connect()

    for _ in range(30):
        agent.say("sing")
    agent.say("audio_config")
    stage.tick()

    *errors, close = agent.take()
    assert [error["code"] for error in errors] == ["unknown_type"] * 20
    assert (close.code, close.reason) == (4400, "invalid_message")


def test_more_than_a_hundred_messages_a_second_are_ignored_but_audio_is_not_counted(
    stage: Stage,
) -> None:
    agent = stage.connect()

    for _ in range(250):
        agent.say("ping")
        agent.say("audio", audio="")
    answers = []
    for _ in range(20):
        stage.tick()
        answers += agent.words()

    pongs = [answer for answer in answers if answer["type"] == "pong"]
    assert 100 <= len(pongs) <= 200  # The burst may have met the turn of a second.
    refused = [answer for answer in answers if answer["type"] == "call_error"]
    assert {error["code"] for error in refused} == {"rate_limited"}
    assert len(pongs) + len(refused) == 250
    assert all(error["retryable"] for error in refused)


def test_a_reader_who_leaves_a_thousand_messages_unread_is_dropped_with_1008(
    stage: Stage,
) -> None:
    agent = stage.connect()

    for seq in range(11, 2200):
        stage.event("chat.message", seq, message_id=stage.header()["room_id"], **_line("x" * 100))
    stage.tick(SECOND)
    (session,) = [session for _, session in stage.engine._lingering]
    while not agent.ended:
        stage.tick()
        last = agent.take() or last  # noqa: F821 - The loop has run once by then.

    assert session.peer.overflowing or agent.ended
    assert isinstance(last[-1], Close)
    assert (last[-1].code, last[-1].reason) == (1008, "slow_consumer")
    assert last[-2]["code"] == "slow_consumer"


def test_a_client_that_asks_and_never_reads_is_dropped_before_it_costs_memory(
    stage: Stage,
) -> None:
    agent = stage.connect()
    ping = websocket.encode_ping(b"x" * 100, mask=True) * 1000
    (session,) = stage.sessions()

    for _ in range(40):
        if not session.peer.closing:
            agent.send(ping)

    assert session.peer.closing
    assert session.peer._text_bytes < 2 * MIB


def test_a_slow_reader_keeps_the_latest_second_of_audio_and_is_told_of_the_rest(
    stage: Stage,
) -> None:
    agent = stage.connect()
    agent.say("audio_config", receive=True)
    stage.tick()
    agent.take()

    stage.tick(300)
    agent.say("stats")
    stage.tick()
    got = [*_drain(stage, agent)]

    frames = [message for message in got if not isinstance(message, dict)]
    told = [message for message in got if isinstance(message, dict)]
    stats = next(message for message in told if message["type"] == "stats")
    dropped = [message for message in told if message["type"] == "audio_dropped"]
    assert stats["out"]["queued_frames"] == 50
    assert dropped[-1]["total"] == sum(message["frames"] for message in dropped)
    assert len(dropped) <= 7
    assert len(frames) + stage.sessions()[0].peer.dropped_frames == 301


def test_a_read_only_key_hears_and_what_it_sends_is_refused(stage: Stage, guest: Client) -> None:
    agent = stage.connect(may_write=False)
    agent.say("audio_config", receive=True)
    stage.tick()
    agent.take()

    agent.play(tone(5))
    agent.play(ramp(2))
    for type in ("clear", "hangup", "typing"):
        agent.say(type, ref=type)
    guest.play(tone(6))
    stage.tick()

    *errors, frame = agent.take()
    assert {error["code"] for error in errors} == {"insufficient_scope"}
    assert [error["ref"] for error in errors] == [None, "clear", "hangup", "typing"]
    assert np.frombuffer(frame.payload, "<i2").tolist() == tone(6).tolist()
    assert not guest.frames()[0].any()


def test_a_call_without_sound_says_so_once_and_drops_the_frames(stage: Stage) -> None:
    agent = stage.connect(welcome={"capabilities": [c for c in EVERYTHING if "audio" not in c]})

    agent.play(tone(1))
    agent.play(tone(1))
    agent.say("audio", audio="AAA=")
    agent.say("audio_config", receive=True, ref="r")
    stage.tick()

    first, second = agent.words()
    assert (first["code"], first["ref"]) == ("audio_unsupported", None)
    assert (second["code"], second["ref"]) == ("audio_unsupported", "r")


def _line(text: str) -> dict[str, object]:
    return {"sender_id": None, "sender": "Bob", "text": text, "client_id": None}


def _drain(stage: Stage, client: Client) -> list[object]:
    found = []
    while fresh := client.take():
        found += fresh
        for session in stage.sessions():
            session.peer.flush()
    return json.loads("[]") + found
