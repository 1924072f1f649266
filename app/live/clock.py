"""The 20 ms schedule of an engine, and how well it is kept."""

import time
from collections import deque

PERIOD = 0.020
# Ticks that were missed follow at once, so that no queue grows for good. Only when the engine was
# stopped for longer than this are they left out.
_TOO_LATE = 0.5
_KEPT = 500


class Clock:
    """Ticks at absolute times, so that no lateness adds up."""

    def __init__(self) -> None:
        self.due = time.monotonic()
        self.skipped = 0
        self._late: deque[float] = deque(maxlen=_KEPT)
        self._work: deque[float] = deque(maxlen=_KEPT)

    def left(self) -> float:
        """Seconds until the next tick; 0 or less when it is due."""
        return self.due - time.monotonic()

    def begin(self) -> float:
        """Begin a tick and return its time."""
        at = time.monotonic()
        late = at - self.due
        if late > _TOO_LATE:
            self.skipped += int(late / PERIOD)
            self.due = at
        self._late.append(max(late, 0.0))
        self.due += PERIOD
        return at

    def end(self, begun: float) -> None:
        self._work.append(time.monotonic() - begun)

    def summary(self) -> dict[str, float]:
        """Milliseconds: how late ticks began and how long they took, lately."""
        return {
            "late_p50": _percentile(self._late, 0.5),
            "late_p99": _percentile(self._late, 0.99),
            "work_p50": _percentile(self._work, 0.5),
            "work_p99": _percentile(self._work, 0.99),
        }

    def latency(self) -> dict[str, int]:
        """Milliseconds from a frame's receipt to its play-out, for a queue that was empty.

        A frame that meets an empty queue leaves with the tick that reads it, so this is how late
        and how long the ticks were, and half a period for its wait in the kernel.
        """
        half = PERIOD * 500
        figures = self.summary()
        return {
            "p50": round(half + figures["late_p50"] + figures["work_p50"]),
            "p99": round(2 * half + figures["late_p99"] + figures["work_p99"]),
        }


def _percentile(values: deque[float], share: float) -> float:
    if not values:
        return 0.0
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 2)
