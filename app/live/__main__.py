"""`python -m app.live`: keeps LIVE_PROCESSES live processes running."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from app import config

_COMMAND = [sys.executable, "-m", "app.live.registrar"]
_PAUSE = 1.0  # Seconds before one that died is started again,
_STEADY = 10.0  # and after which it counts as having run,
_MAX_PAUSE = 15.0  # else the pause doubles up to this.


class Supervisor:
    """Starts the processes, starts them again, and passes signals on."""

    def __init__(self, count: int, command: Sequence[str] = _COMMAND) -> None:
        self.stopping = False
        self._command = command
        self._signals: list[int] = []
        self._pauses = [_PAUSE] * count
        self._started = [0.0] * count
        self._due = [0.0] * count
        self.children: list[subprocess.Popen[bytes] | None] = [None] * count

    def run(self) -> int:
        """Serve until told to stop and all processes have ended; returns the exit status."""
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            signal.signal(name, self._note)
        while not self.stopping or any(self.children):
            self.look_after(time.monotonic())
            time.sleep(0.1)
        return 0

    def look_after(self, at: float) -> None:
        """Pass on the signals that came; start whatever should run and does not."""
        for place, child in enumerate(self.children):
            if child is None:
                self._start(place, at)
            elif child.poll() is not None:
                self.children[place] = None
                steady = at - self._started[place] > _STEADY
                self._pauses[place] = _PAUSE if steady else min(2 * self._pauses[place], _MAX_PAUSE)
                self._due[place] = at + self._pauses[place]
        # Last, so that a process started while the signal came is told as well.
        while self._signals:
            self._pass_on(self._signals.pop(0))

    def _start(self, place: int, at: float) -> None:
        if not self.stopping and at >= self._due[place]:
            self.children[place] = subprocess.Popen(self._command)
            self._started[place] = at

    def _note(self, number: int, _frame: object) -> None:
        # SIGUSR1 drains: the processes end by themselves and are not started again either.
        self.stopping = True
        self._signals.append(number)

    def _pass_on(self, number: int) -> None:
        for child in self.children:
            if child is not None and child.poll() is None:
                child.send_signal(signal.SIGTERM if number == signal.SIGINT else number)


if __name__ == "__main__":
    sys.exit(Supervisor(max(1, config.load().live_processes)).run())
