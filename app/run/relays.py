"""One process of the Procfile: its output passed on, started again when it crashes."""

import contextlib
import os
import signal
import threading
import time
from collections import deque
from multiprocessing.synchronize import Event
from typing import Any

import honcho.process

from app.run.leash import die_with_parent

_STEADY = 10.0  # Seconds after which a process counts as having been up,
_PAUSE = 0.5  # seconds until it is started again,
_MOST, _WITHIN = 5, 60.0  # and how many times that is done within how many seconds.
_LEFTOVER_SECONDS = 3.0


class Relay(honcho.process.Process):  # type: ignore[misc]  # honcho has no type hints.
    """Runs a command in the foreground of a process of honcho's.

    A crash does not end the run: what is killed by a signal is started again, and so is what fails
    after it was up. What fails at its start, fails too often, or ends with 0 has ended.
    """

    def __init__(self, command: str, stopping: Event, **options: Any) -> None:
        """`stopping` is set when nothing shall be started any more."""
        super().__init__(command, **options)
        self._child_ctor = _spawn
        self._stopping = stopping
        self._crashes: deque[float] = deque(maxlen=_MOST + 1)

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """Run until the command has ended for good. `ignore_signals`: the command gets them."""
        die_with_parent(signal.SIGKILL)
        self._events = events
        if ignore_signals:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while (code := self._run_once()) != 0 and self._starts_again(code):
            self._send_message(f"{explain(self.name, code)} and is started again\n")
            self._stopping.wait(_PAUSE)
        self._send_message({"returncode": code}, type="stop")

    def _run_once(self) -> int:
        self._began = time.monotonic()
        with self._child_ctor(self.cmd, env=self.env, cwd=self.cwd) as child:
            self._send_message({"pid": child.pid}, type="start")
            for line in child.stdout:
                self._send_message(line)
        return int(child.returncode)

    def _starts_again(self, code: int) -> bool:
        at = time.monotonic()
        self._crashes.append(at)
        too_often = len(self._crashes) > _MOST and at - self._crashes[0] < _WITHIN
        failed_at_start = not _killed(code) and at - self._began < _STEADY
        return not (self._stopping.is_set() or too_often or failed_at_start)


def explain(name: str, code: int) -> str:
    """Say how a process ended, for the operator."""
    if _killed(code):
        return f"The process {name} was killed by {signal.Signals(abs(code) % 128).name}"
    return f"The process {name} ended by itself with code {code}"


def _killed(code: int) -> bool:
    # A shell in between turns the signal into a code above 128.
    return code < 0 or code - 128 in [*signal.Signals]


def _spawn(*arguments: Any, **options: Any) -> Any:
    child = honcho.process.Popen(*arguments, preexec_fn=_begin, **options)
    threading.Thread(target=_end_group_after, args=(child.pid,), daemon=True).start()
    return child


def _begin() -> None:
    """Prepare the new process: it takes signals, and goes when we go."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent()


def _end_group_after(pid: int) -> None:
    """End what a process leaves behind when it dies.

    Whoever holds its output open would keep it from counting as ended.
    """
    # The relay itself may have been faster to see the end, and then nothing is left behind.
    with contextlib.suppress(ChildProcessError, ProcessLookupError):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        os.killpg(pid, signal.SIGTERM)
        time.sleep(_LEFTOVER_SECONDS)
        os.killpg(pid, signal.SIGKILL)
