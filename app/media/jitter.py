"""Keeps the delay of live microphones short: cuts what waits for longer than it has to."""

import numpy as np

from app.media.bank import FrameBank
from app.media.frame import FRAMES_PER_SECOND, Mask
from app.media.levels import loudest

WINDOW_TICKS = FRAMES_PER_SECOND
QUIET_PEAK = 400  # -38 dBFS: below speech, above the noise of a room.
CUT_ABOVE = 10  # 200 ms.
CUT_AFTER_TICKS = 5 * FRAMES_PER_SECOND
CUT_TO = 3  # 60 ms.


class Trimmer:
    """Brings the queues of watched lanes back to `depth` frames after a stall.

    The shortest queue of the last second is delay that served no purpose: no lateness used it up.
    While that is above `depth`, a frame is dropped on each tick in a pause. A queue that stays
    above 200 ms for 5 s is cut to 60 ms even in mid-word (a bank less than 11 deep never gets
    there). A lane at its depth loses nothing. Lanes are not watched until `watch`; play-out
    queues, which are long on purpose, should never be.
    """

    def __init__(self, bank: FrameBank, depth: int = 1) -> None:
        self.depth = depth
        self._bank = bank
        self._tick = 0
        self._count = 0  # Lanes that are watched; with none a tick costs nothing.
        self._generation = bank.generation
        self._watched: Mask = np.zeros(bank.capacity, np.bool_)
        self._queued = np.zeros((WINDOW_TICKS, bank.capacity), np.int16)
        self._ticks_above = np.zeros(bank.capacity, np.int16)

    def watch(self, lane: int) -> None:
        """Trim a lane from now on; its first second counts as keeping up."""
        self._set(lane, True)

    def unwatch(self, lane: int) -> None:
        """Leave a lane alone, also one that was never watched."""
        self._set(lane, False)

    def observe(self, live: Mask | None = None) -> None:
        """Note the queues that the bank's last `pop` left behind, and trim them.

        Call it once per tick. `live` [capacity] says which lanes count in this tick (default:
        every watched one); the others are taken as keeping up.
        """
        if not self._count:
            return
        self._fit()
        counted = self._watched if live is None else self._watched & live
        queued = self._bank.count * counted
        self._queued[self._tick % WINDOW_TICKS] = queued
        self._tick += 1
        self._drop_in_pauses()
        self._cut(queued)

    def _set(self, lane: int, watched: bool) -> None:
        self._fit()
        self._count += int(watched) - int(self._watched[lane])
        self._watched[lane] = watched
        self._queued[:, lane] = 0
        self._ticks_above[lane] = 0

    def _drop_in_pauses(self) -> None:
        standing = np.flatnonzero(self._queued.min(axis=0) > self.depth)
        if not len(standing):
            return
        # Both the frame that plays and the one that would go must be quiet, so that a word
        # never loses its first sound.
        quiet = loudest(self._bank.current[standing]) < QUIET_PEAK
        quiet &= loudest(self._bank.peek(standing)) < QUIET_PEAK
        lanes = standing[quiet]
        self._bank.drop(lanes)
        self._queued[:, lanes] -= 1

    def _cut(self, queued: np.ndarray) -> None:
        self._ticks_above += 1
        self._ticks_above *= queued > CUT_ABOVE
        lanes = np.flatnonzero(self._ticks_above >= CUT_AFTER_TICKS)
        if not len(lanes):
            return
        target = max(CUT_TO, self.depth)
        self._bank.drop(lanes, np.maximum(self._bank.count[lanes] - target, 0))
        self._queued[:, lanes] = np.minimum(self._queued[:, lanes], target)
        self._ticks_above[lanes] = 0

    def _fit(self) -> None:
        """Follow the bank when it has grown."""
        if self._generation == self._bank.generation:
            return
        self._generation = self._bank.generation
        new = self._bank.capacity - len(self._watched)
        self._watched = np.pad(self._watched, (0, new))
        self._queued = np.pad(self._queued, ((0, 0), (0, new)))
        self._ticks_above = np.pad(self._ticks_above, (0, new))
