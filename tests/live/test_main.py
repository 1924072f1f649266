import os
import signal
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from app.live.__main__ import Supervisor
from tests.waiting import until

WAITS = [sys.executable, "-c", "import signal; signal.pause()"]
FAILS = [sys.executable, "-c", "raise SystemExit(1)"]


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Put the handlers of this process back."""
    names = signal.SIGTERM, signal.SIGINT, signal.SIGUSR1
    before = {name: signal.getsignal(name) for name in names}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


def test_as_many_processes_run_as_are_asked_for() -> None:
    supervisor = Supervisor(2, WAITS)

    supervisor.look_after(time.monotonic())
    children = list(supervisor._children)
    supervisor.look_after(time.monotonic())

    assert supervisor._children == children
    _end(supervisor)


def test_a_process_that_died_is_started_again_after_longer_and_longer_pauses() -> None:
    supervisor = Supervisor(1, FAILS)
    at, pauses = 100.0, []

    for _ in range(6):
        supervisor.look_after(at)
        _await_child(supervisor)
        supervisor.look_after(at)
        pauses.append(supervisor._due[0] - at)
        supervisor.look_after(supervisor._due[0] - 0.01)
        assert supervisor._children == [None]
        at = supervisor._due[0]

    assert pauses == [2, 4, 8, 15, 15, 15]


def test_a_process_that_ran_for_long_starts_again_soon() -> None:
    supervisor = Supervisor(1, FAILS)

    supervisor.look_after(100.0)
    _await_child(supervisor)
    supervisor.look_after(200.0)

    assert supervisor._due == [201.0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_ends_the_processes_and_then_the_supervisor(number: signal.Signals) -> None:
    supervisor = Supervisor(2, WAITS)

    def interrupt() -> None:
        until(lambda: all(supervisor._children))
        os.kill(os.getpid(), number)

    threading.Thread(target=interrupt).start()

    assert supervisor.run() == 0
    assert supervisor._children == [None, None]


def test_a_process_started_while_the_signal_came_is_told_as_well() -> None:
    supervisor = Supervisor(1, WAITS)
    supervisor._note(signal.SIGTERM, None)
    supervisor.stopping = False  # As it was when the process was about to start.

    supervisor.look_after(time.monotonic())

    assert supervisor._children[0].wait(5) == -signal.SIGTERM


def _await_child(supervisor: Supervisor) -> None:
    supervisor._children[0].wait(5)


def _end(supervisor: Supervisor) -> None:
    supervisor._note(signal.SIGTERM, None)
    supervisor.look_after(time.monotonic())
    for child in supervisor._children:
        child.wait(5)
