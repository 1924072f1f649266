"""The Procfile's processes, run by honcho, ended in good order."""

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import honcho.manager
from honcho.environ import parse_procfile

from app.run.relays import Relay

LAST = "redis"  # What the others still need while they say goodbye.
# What a process gets how many seconds after the order to stop. The second request makes a worker
# leave its job to the next one.
_STEPS = ((0.0, signal.SIGTERM), (3.0, signal.SIGTERM), (8.0, signal.SIGKILL))


class Ensemble(honcho.manager.Manager):  # type: ignore[misc]  # honcho has no type hints.
    """Processes that live and die together; Redis is the last to go.

    honcho signals all of them at once, once, and fails when the order to stop comes while they
    start. This class asks in order, insists, and knows who ended the run.
    """

    def __init__(self, pids: Path, started: Callable[[], None]) -> None:
        """`pids` is the file that names the processes; `started` is called once all were forked."""
        super().__init__()
        self._stopping = multiprocessing.Event()
        self._process_ctor = partial(Relay, stopping=self._stopping)
        self._pids = pids
        self._noted = ""
        self._started = started
        self._ordered_at: dict[str, float] = {}
        self._steps_taken: dict[str, int] = {}
        self.first_gone: tuple[str, int] | None = None
        """Name and return code of the process that ended by itself and so ended the run."""

    def terminate(self) -> None:
        """Begin to stop everything; a second time changes nothing."""
        self._stopping.set()
        super().terminate()

    def kill(self) -> None:
        """honcho's last resort has no say here: the steps above come to it in their own time."""

    def abandon(self) -> None:
        """Let go of everything at once: each process is told to end as its relay dies."""
        for process in self._processes.values():
            if "process" in process:
                process["process"].kill()

    def _start(self) -> None:
        super()._start()
        self._started()

    def _all_stopped(self) -> bool:
        # The loop asks this at every turn, ten times a second: the place to keep things moving.
        self._note_pids()
        if self._terminating:
            self._killall()
        elif self.first_gone is None:
            self.first_gone = next(
                ((n, p["returncode"]) for n, p in self._processes.items() if "returncode" in p),
                None,
            )
        return bool(super()._all_stopped())

    def _killall(self, force: bool = False) -> None:
        running = self._running()
        for name, pid in running.items():
            if name == LAST and len(running) > 1:
                continue
            ordered_at = self._ordered_at.setdefault(name, time.monotonic())
            taken = self._steps_taken.get(name, 0)
            if taken < len(_STEPS) and time.monotonic() - ordered_at >= _STEPS[taken][0]:
                self._steps_taken[name] = taken + 1
                self._signal(name, pid, _STEPS[taken][1])

    def _signal(self, name: str, pid: int, with_signal: signal.Signals) -> None:
        if with_signal == signal.SIGKILL:
            self._system_print(f"{name} does not end and is killed\n")
            self._procmgr.kill(pid)
        else:
            self._procmgr.terminate(pid)

    def _running(self) -> dict[str, int]:
        return {
            name: process["pid"]
            for name, process in self._processes.items()
            if process.get("pid") and "returncode" not in process
        }

    def _note_pids(self) -> None:
        text = json.dumps({"run": os.getpid(), **self._running()})
        if text != self._noted:
            fresh = self._pids.with_suffix(".new")
            fresh.write_text(text)
            fresh.replace(self._pids)  # A reader finds either the old or the new list, whole.
            self._noted = text


def commands(procfile: Path) -> dict[str, str]:
    """Read the Procfile: command by process name, in its order."""
    return dict(parse_procfile(procfile.read_text()).processes)
