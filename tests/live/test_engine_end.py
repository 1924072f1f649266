"""How sockets and the engine end, in good order and otherwise."""

import socket
import struct

import numpy as np
import pytest

from app.live.link import LinkLost
from tests.live.fakes import CALL, SECOND, Stage, ramp


def test_a_client_that_vanishes_is_reported_and_its_place_is_free(stage: Stage) -> None:
    agent = stage.connect()
    stage.registrar.hear()

    agent.vanish()
    stage.tick()

    (report,) = stage.registrar.hear("detached")
    assert (report["call"], report["last"], report["clean"]) == (CALL, True, False)
    assert not stage.sessions()
    stage.tick(SECOND)


def test_a_connection_that_is_reset_in_the_middle_of_a_tick_harms_nobody(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        far = socket.create_connection(listener.getsockname())
        near, _ = listener.accept()
    stage.engine.take(stage.header(), near)
    stage.welcome()
    stage.engine.sessions[near.fileno()].refuse("unauthorized", "", 4401)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    far.close()
    stage.tick(3)

    assert near.fileno() == -1


def test_what_was_queued_when_a_stream_is_lost_still_plays(stage: Stage) -> None:
    guest = stage.guest("g1")
    guest.tell("audio.start")
    agent = stage.connect()
    stage.tick()
    guest.take()
    sent = ramp(30)

    agent.play(sent)
    stage.tick()
    agent.vanish()
    heard = np.concatenate([*guest.frames(), stage.heard(guest, 35)])

    assert heard[: len(sent)].tolist() == sent.tolist()
    assert not heard[len(sent) :].any()


def test_a_fault_of_ours_ends_one_socket_and_no_other(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = stage.connect(), stage.connect()
    session = min(stage.sessions(), key=lambda s: s.opened_at)
    session.wire.parse = lambda _text: 1 // 0

    broken.say("ping")
    fine.say("ping", ts=1)
    stage.tick()

    assert fine.words() == [{"type": "pong", "ts": 1}]
    error, close = broken.take()
    assert error["code"] == "internal_error"
    assert close.code == 4500
    assert "ZeroDivisionError" in caplog.text


def test_stopping_says_goaway_and_closes_with_1001(stage: Stage) -> None:
    agent, waiting = stage.connect(), stage.attach()

    for client in (agent, waiting):
        client.socket.shutdown(socket.SHUT_WR)
    stage.engine.stop("shutdown")

    goaway, close = agent.take()
    assert goaway == {"type": "goaway", "reason": "shutdown", "in_ms": 0}
    assert close.code == 1001
    assert waiting.goodbye().code == 1001


def test_an_engine_without_its_registrar_says_goodbye_to_everybody(stage: Stage) -> None:
    agents = [stage.connect() for _ in range(3)]
    for agent in agents:
        agent.socket.shutdown(socket.SHUT_WR)
    stage.registrar.link.close()

    stage.engine.run()

    assert [agent.goodbye().code for agent in agents] == [1001] * 3


def test_the_engine_runs_until_it_is_told_to_stop(stage: Stage) -> None:
    stage.registrar.link.send({"op": "stop"})

    stage.engine.run()

    (ready,) = stage.registrar.hear("ready")
    assert ready["socket"] == stage.engine.intake.path
    assert ready["pipe"][0] == "127.0.0.1"


def test_a_lost_registrar_is_noticed_while_reporting(stage: Stage) -> None:
    stage.registrar.link.close()

    with pytest.raises(LinkLost):
        for _ in range(2):
            stage.engine.report({"op": "load"})
