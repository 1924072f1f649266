"""`python -m app.live`: keeps LIVE_PROCESSES live processes running."""

import signal
import subprocess
import sys
import time

from app import config

_COMMAND = [sys.executable, "-m", "app.live.registrar"]
_PAUSE = 1.0  # Seconds before one that died is started again,
_STEADY = 10.0  # and after which it counts as having run,
_MAX_PAUSE = 15.0  # else the pause doubles up to this.


class Supervisor:
    """Starts the processes, starts them again, and passes signals on."""

    def __init__(self, count: int) -> None:
        self.stopping = False
        self._pauses = [_PAUSE] * count
        self._started = [0.0] * count
        self._due = [0.0] * count
        self._children: list[subprocess.Popen[bytes] | None] = [None] * count

    def run(self) -> int:
        """Serve until told to stop and all processes have ended; returns the exit status."""
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            signal.signal(name, self._pass_on)
        while not self.stopping or any(self._children):
            for place, child in enumerate(self._children):
                self._look_after(place, child)
            time.sleep(0.1)
        return 0

    def _look_after(self, place: int, child: "subprocess.Popen[bytes] | None") -> None:
        at = time.monotonic()
        if child is None:
            if not self.stopping and at >= self._due[place]:
                self._children[place] = subprocess.Popen(_COMMAND)
                self._started[place] = at
        elif child.poll() is not None:
            self._children[place] = None
            steady = at - self._started[place] > _STEADY
            self._pauses[place] = _PAUSE if steady else min(2 * self._pauses[place], _MAX_PAUSE)
            self._due[place] = at + self._pauses[place]

    def _pass_on(self, number: int, _frame: object) -> None:
        # SIGUSR1 drains: the processes end by themselves and are not started again either.
        self.stopping = True
        for child in self._children:
            if child is not None and child.poll() is None:
                child.send_signal(signal.SIGTERM if number == signal.SIGINT else number)


if __name__ == "__main__":
    sys.exit(Supervisor(max(1, config.load().live_processes)).run())
