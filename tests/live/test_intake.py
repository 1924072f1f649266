"""Sockets taken over from web processes of this host and of others."""

import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from app import handover
from app.handover import HandoverFailed
from app.live.intake import PATIENCE
from tests.fakes import at_once
from tests.live.fakes import Stage


def during(stage: Stage, work: Callable[[], Any]) -> Any:
    """Run a web process's part while the engine takes sockets over."""
    done = threading.Event()

    def web() -> Any:
        try:
            return work()
        finally:
            done.set()

    def engine() -> None:
        while not done.is_set():
            stage.converse()

    return at_once(web, engine)[0]


def test_a_socket_of_this_host_comes_as_a_descriptor(stage: Stage) -> None:
    far, near = socket.socketpair()
    client = stage.client(far)
    path = stage.engine.intake.path

    during(stage, lambda: handover.pass_descriptor(path, stage.header(), near))
    near.close()
    stage.welcome()

    assert client.words()[0]["type"] == "hello"


def test_a_socket_of_another_host_comes_as_a_pipe(stage: Stage) -> None:
    address, secret = stage.engine.intake.pipe, stage.settings.secret_key

    pipe = during(stage, lambda: handover.open_pipe(address, stage.header(), secret))
    client = stage.client(pipe)
    stage.welcome()
    client.say("ping", ts=1)
    for _ in range(50):
        stage.tick()

    assert [message["type"] for message in client.words()] == ["hello", "call_state", "pong"]


def test_a_forged_header_is_refused_and_the_engine_goes_on(stage: Stage) -> None:
    address = stage.engine.intake.pipe

    outcome = during(stage, lambda: handover.open_pipe(address, stage.header(), "guessed"))

    assert isinstance(outcome, HandoverFailed)
    assert not stage.engine.waiting


@pytest.mark.parametrize("changes", [{"dialect": "klingon"}, {"options": {}}])
def test_a_header_of_another_version_is_refused_and_the_client_stays_with_web(
    stage: Stage, changes: dict[str, Any]
) -> None:
    far, near = socket.socketpair()
    header = stage.header() | changes
    if "options" in changes:
        del header["participant_id"]

    path = stage.engine.intake.path
    outcome = during(stage, lambda: handover.pass_descriptor(path, header, near))
    near.send(b"sorry")

    assert isinstance(outcome, HandoverFailed)
    assert far.recv(100) == b"sorry"
    far.close()
    near.close()


def test_a_line_whose_header_does_not_come_is_dropped_in_the_end(stage: Stage) -> None:
    with socket.create_connection(stage.engine.intake.pipe) as idle:
        for _ in range(2):
            stage.converse()
        intake = stage.engine.intake
        (deadline,) = intake._deadlines.values()

        intake.tidy(deadline - PATIENCE)
        early = len(intake._waiting)
        intake.tidy(deadline + 1)

        assert early == 1
        assert not intake._waiting
        assert idle.recv(1) == b""


def test_closing_takes_the_socket_file_away_and_drops_who_waits(stage: Stage) -> None:
    intake = stage.engine.intake
    with socket.create_connection(intake.pipe) as idle:
        stage.converse()

        intake.close()

        assert idle.recv(1) == b""
    assert not os.path.exists(intake.path)


def test_a_file_left_behind_by_a_crash_is_replaced(stage: Stage) -> None:
    assert oct(os.stat(stage.engine.intake.path).st_mode & 0o777) == "0o600"

    second = type(stage.engine.intake)(
        stage.engine.intake.path, ("127.0.0.1", 0), "secret", stage.engine.take
    )

    second.close()
