"""Waiting audio of changing rates, converted to one rate in the order it came."""

from collections import deque

import numpy as np

from app.media.frame import Samples
from app.media.run import Run

# A client that changes the rate with every message gets no more than so many changes queued.
MOST_RUNS = 1024
NOTHING: Samples = np.empty(0, np.int16)


class Backlog:
    """Runs of audio, each of one rate; lengths are native samples (at `native_rate` in Hz).

    `length` is all that waits, a resampler's rest included and its delay not. No more is
    converted ahead than `convert` asks for and a frame.
    """

    def __init__(self, native_rate: int) -> None:
        self.length = 0
        self._native_rate = native_rate
        self._runs: deque[Run] = deque()
        self._ready = NOTHING
        self._lead = 0
        self._joinable = True

    def separate(self) -> None:
        """Begin a new run, with a fresh resampler, with the next audio."""
        self._joinable = False

    def append(self, rate: int, pcm: bytes) -> int:
        """Add whole samples at a rate in Hz; return the growth of `length`."""
        if not (self._joinable and self._runs and self._runs[-1].rate == rate):
            self._runs.append(Run(rate, self._native_rate))
            self._joinable = True
        grown = self._runs[-1].feed(pcm)
        self.length += grown
        return grown

    def drop(self, excess: int) -> int:
        """Throw away the oldest `excess` samples, and the oldest of too many runs.

        What is converted already stays. Returns the samples lost, now and then a few more.
        """
        before = self.length
        while self._runs and (excess > before - self.length or len(self._runs) > MOST_RUNS):
            oldest = self._runs[0]
            left = excess - (before - self.length)
            if left >= oldest.rest or not oldest.waiting or len(self._runs) > MOST_RUNS:
                self._runs.popleft()
                self.length -= oldest.rest
            else:
                self.length -= oldest.drop(left)
        return before - self.length

    def is_native(self) -> bool:
        """Return whether nothing that waits has to be converted."""
        return not self._lead and all(run.rate == self._native_rate for run in self._runs)

    def convert(self, wanted: int, *, finish: bool = False) -> int:
        """Make `wanted` samples ready if there are so many; return how many are.

        `finish` ends the last run too, whose resampler holds its newest samples back.
        """
        while len(self._ready) < wanted and self._runs:
            if self._runs[0].waiting:
                self._keep(*self._runs[0].convert())
            elif len(self._runs) > 1 or finish:
                self._keep(*self._runs.popleft().finish())
            else:
                break
        return len(self._ready)

    def take(self, wanted: int) -> tuple[Samples, int]:
        """Remove up to `wanted` ready samples; return them and by how much `length` shrank."""
        taken, self._ready = self._ready[:wanted], self._ready[wanted:]
        # A lead counts as taken first, so that nothing is said to be played too early.
        lead = min(self._lead, len(taken))
        self._lead -= lead
        self.length -= len(taken) - lead
        return taken, len(taken) - lead

    def clear(self) -> int:
        """Throw everything away; return how much it was."""
        discarded, self.length = self.length, 0
        self._runs.clear()
        self._ready = NOTHING
        self._lead = 0
        return discarded

    def _keep(self, made: Samples, lead: int) -> None:
        self._ready = np.concatenate([self._ready, made]) if len(self._ready) else made
        self._lead += lead
