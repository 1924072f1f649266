"""The supervisor: live processes started, started again, and told to end."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.live.__main__ import Supervisor

# A process that says which signal it gets, and ends with it.
_CHILD = """
import os, signal
known = {signal.SIGTERM, signal.SIGUSR1}
signal.pthread_sigmask(signal.SIG_BLOCK, known)
os.write(1, b"up\\n")
os.write(1, signal.Signals(signal.sigwait(known)).name.encode() + b"\\n")
"""
_PARENT = f"""
import sys
from app.live.__main__ import Supervisor
sys.exit(Supervisor(2, [sys.executable, "-c", {_CHILD!r}]).run())
"""


class Clock:
    """A supervisor of processes that end by themselves, looked after at times of the test's."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def running_at(self, at: float) -> bool:
        """Look after it at this time; returns whether a process runs then."""
        self._supervisor.look_after(at)
        return self._supervisor.children[0] is not None

    def die_at(self, at: float) -> None:
        """Let the process be found dead at this time."""
        child = self._supervisor.children[0]
        assert child is not None
        child.kill()
        child.wait()
        self._supervisor.look_after(at)


@pytest.fixture
def clock() -> Iterator[Clock]:
    supervisor = Supervisor(1, ["sleep", "60"])
    yield Clock(supervisor)
    for child in supervisor.children:
        if child is not None:
            child.kill()
            child.wait()


def test_a_process_that_died_is_started_again_after_a_pause(clock: Clock) -> None:
    assert clock.running_at(100)

    clock.die_at(200)

    assert not clock.running_at(200.9)
    assert clock.running_at(201.1)


def test_one_that_dies_again_and_again_is_started_ever_less_often(clock: Clock) -> None:
    at, pauses = 100.0, []
    for _ in range(6):
        assert clock.running_at(at)
        clock.die_at(at)
        pauses.append(next(s for s in range(1, 30) if clock.running_at(at + s)))
        at += pauses[-1]

    assert pauses == [2, 4, 8, 15, 15, 15]

    clock.die_at(at + 11)
    assert clock.running_at(at + 12.1)


@pytest.mark.parametrize(
    ("sent", "passed_on"),
    [("SIGTERM", "SIGTERM"), ("SIGINT", "SIGTERM"), ("SIGUSR1", "SIGUSR1")],
)
def test_a_signal_is_passed_on_and_ends_the_supervisor_with_its_processes(
    sent: str, passed_on: str
) -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as it:
        assert it.stdout is not None
        assert [it.stdout.readline().strip() for _ in range(2)] == ["up", "up"]

        it.send_signal(signal.Signals[sent])

        assert it.stdout.read().split() == [passed_on, passed_on]
        assert it.wait(10) == 0
