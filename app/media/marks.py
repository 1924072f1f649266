"""Names that wait for a point in a stream to be played."""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Released:
    """A mark that was reached; `played_ms` is the stream's total at that moment."""

    name: str
    played_ms: int


class Marks:
    """Waiting marks in the order they were set, and those reached but not collected yet.

    A point is a pair: frames passed by the ring and samples done by the queue behind it.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, int, int]] = deque()
        self._released: list[Released] = []

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    def add(self, name: str, frames: int, samples: int) -> None:
        """Have a name wait until both counts are reached, and all marks before it."""
        self._waiting.append((name, frames, samples))

    def reach(self, frames: int, samples: int, played_ms: int) -> None:
        """Release the marks at or before a point."""
        while self._waiting:
            name, frames_due, samples_due = self._waiting[0]
            if frames < frames_due or samples < samples_due:
                return
            self._waiting.popleft()
            self._released.append(Released(name, played_ms))

    def collect(self) -> list[Released]:
        """Return the marks released since the last call."""
        released, self._released = self._released, []
        return released

    def clear(self) -> list[str]:
        """Forget the marks that wait and return their names; the released ones stay."""
        names = [name for name, *_ in self._waiting]
        self._waiting.clear()
        return names
