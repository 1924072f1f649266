import threading
from collections.abc import Iterator

import pytest
from flask import Flask, current_app

from app.live.lanes import Lanes
from app.live.link import LinkLost


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    found = Lanes(Flask("lanes"), 2)
    yield found
    found.close()


def test_jobs_of_a_room_run_in_their_order_inside_an_app_context(lanes: Lanes) -> None:
    done: list[tuple[int, str]] = []

    for number in range(50):
        lanes.run("room", lambda n=number: done.append((n, current_app.name)))
    lanes.close()

    assert done == [(number, "lanes") for number in range(50)]


def test_a_room_that_waits_does_not_hold_up_every_other(lanes: Lanes) -> None:
    gate, passed = threading.Event(), threading.Event()
    lanes.run("slow", gate.wait)

    for number in range(20):  # Some of them share the lane, not all.
        lanes.run(str(number), passed.set)

    assert passed.wait(5)
    gate.set()


def test_a_job_that_fails_ends_nothing_and_is_logged(
    lanes: Lanes, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def fail(error: Exception) -> None:
        raise error

    lanes.run("room", lambda: fail(ZeroDivisionError()))
    lanes.run("room", lambda: fail(LinkLost()))
    lanes.run("room", done.set)

    assert done.wait(5)
    assert "ZeroDivisionError" in caplog.text
    assert "LinkLost" not in caplog.text
