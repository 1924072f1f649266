"""The queues of all audio sources of one rate, as arrays: a tick is a few operations."""

import heapq

import numpy as np
import numpy.typing as npt

from app.media.frame import Indices, Mask, Samples, samples

Counts = npt.NDArray[np.int64]

PER_LANE = (
    "count",
    "streak",
    "pushed",
    "popped",
    "dropped",
    "underruns",
    "muted",
    "opened",
    "_head",
)


class FrameBank:
    """A bounded FIFO of frames per lane; one lane is one audio source and one row everywhere.

    `capacity` rows exist; it doubles when `open` finds no free one, and then every array below is
    a new object: `generation` grows, and views taken before must be taken again.

    Arrays to read, one entry per lane: `count` (frames queued), `streak` (frames popped since the
    lane was last found empty), `pushed`, `popped`, `dropped` (by `drop` alone) and `underruns`
    (ticks on which the lane was found empty after one on which it played). `opened` and `muted`
    are booleans; `muted` may be written: such a lane goes on consuming frames and pops silence.
    `current` [capacity, samples] is what the last `pop` returned.
    """

    def __init__(self, rate: int, capacity: int, depth: int = 16) -> None:
        self.rate = rate
        self.depth = depth
        self.capacity = 0
        self.generation = 0
        self._width = samples(rate)
        self._free: list[int] = []
        self._lanes_used = 0
        self._allocate(max(1, capacity))

    def open(self) -> int:
        """Return an unused lane, empty, unmuted, its counters at zero."""
        if not self._free:
            self._grow()
        lane = heapq.heappop(self._free)
        self._lanes_used = max(self._lanes_used, lane + 1)
        for counter in (self.streak, self.pushed, self.popped, self.dropped, self.underruns):
            counter[lane] = 0
        self.muted[lane] = False
        self.opened[lane] = True
        return lane

    def close(self, lane: int) -> None:
        """Give a lane back; what it held is gone. Raises `ValueError` if it is not open."""
        if not self.opened[lane]:
            raise ValueError(f"Lane {lane} is not open.")
        self.clear(lane)
        self.streak[lane] = 0
        self.opened[lane] = False
        heapq.heappush(self._free, lane)

    def push(self, lanes: Indices, frames: Samples) -> Indices:
        """Append frames [n, samples], one to each of n lanes; return the positions not taken.

        A lane may occur several times; its frames keep their order. A full lane takes nothing,
        and the positions in `lanes` of the frames that did not fit come back in ascending order.
        """
        queued = self.count[lanes] + self._ranks(lanes)
        fits = queued < self.depth
        refused = np.flatnonzero(~fits)
        if len(refused):
            lanes, queued, frames = lanes[fits], queued[fits], frames[fits]
        slots = (self._head[lanes] + queued) % self.depth
        self._frames[slots * self.capacity + lanes] = frames
        taken = np.bincount(lanes, minlength=self.capacity)
        self.count += taken
        self.pushed += taken
        return refused

    def pop(self) -> Samples:
        """Take the oldest frame of every lane; return [capacity, samples], zeros where none was.

        The array is the same one on every call, valid until the next.
        """
        playing = self.count > 0
        heard = playing & ~self.muted
        source = np.where(heard, self._head * self.capacity + self._rows, self._silence)
        used = self._lanes_used
        # Any mode but "raise" lets numpy write straight into the output without a buffer between.
        np.take(self._frames, source[:used], axis=0, out=self.current[:used], mode="clip")
        self._advance(playing.astype(np.int64))
        self.popped += playing
        self.underruns += ~playing & (self.streak > 0)
        self.streak += 1
        self.streak *= playing
        return self.current

    def peek(self, lanes: Indices) -> Samples:
        """Return a copy of the oldest queued frame of each lane [n, samples]; none may be empty."""
        oldest: Samples = self._frames[self._head[lanes] * self.capacity + lanes]
        return oldest

    def clear(self, lane: int) -> int:
        """Empty a lane and return how many frames were thrown away."""
        discarded = int(self.count[lane])
        self.count[lane] = 0
        self._head[lane] = 0
        return discarded

    def drop(self, lanes: Indices, frames: int | Counts = 1) -> Counts:
        """Throw away the oldest frames of distinct lanes; return how many each of them lost."""
        lost = np.minimum(self.count[lanes], frames)
        spread = np.zeros(self.capacity, np.int64)
        spread[lanes] = lost
        self._advance(spread)
        self.dropped += spread
        return lost

    def _advance(self, steps: Counts) -> None:
        self.count -= steps
        self._head += steps
        self._head %= self.depth
        # A lane that keeps up lives in the first slots alone, which then stay in the cache.
        self._head *= self.count > 0

    def _ranks(self, lanes: Indices) -> Indices | int:
        """Return how many earlier positions name the same lane, or 0 if all are distinct."""
        positions = np.arange(len(lanes))
        self._last[lanes] = positions
        if np.array_equal(self._last[lanes], positions):
            return 0
        order = np.argsort(lanes, kind="stable")
        ordered = lanes[order]
        starts = np.searchsorted(ordered, ordered)
        ranks = np.empty(len(lanes), np.intp)
        ranks[order] = positions - starts
        return ranks

    def _grow(self) -> None:
        before = vars(self).copy()
        self._allocate(self.capacity * 2)
        old = before["capacity"]
        for name in PER_LANE:
            getattr(self, name)[:old] = before[name]
        self.current[:old] = before["current"]
        shape = (self.depth, -1, self._width)
        self._frames[:-1].reshape(shape)[:, :old] = before["_frames"][:-1].reshape(shape)
        self.generation += 1

    def _allocate(self, capacity: int) -> None:
        self._free = list(range(self.capacity, capacity))
        self.capacity = capacity
        self.count = np.zeros(capacity, np.int64)
        self.streak = np.zeros(capacity, np.int64)
        self.pushed = np.zeros(capacity, np.int64)
        self.popped = np.zeros(capacity, np.int64)
        self.dropped = np.zeros(capacity, np.int64)
        self.underruns = np.zeros(capacity, np.int64)
        self.muted = np.zeros(capacity, np.bool_)
        self.opened: Mask = np.zeros(capacity, np.bool_)
        self._head = np.zeros(capacity, np.int64)
        self._last = np.zeros(capacity, np.intp)
        self._rows = np.arange(capacity)
        self.current: Samples = np.zeros((capacity, self._width), np.int16)
        # Slot by slot, so that the first frames of all lanes are neighbours; one row more than
        # slots and lanes need stays zero and is what a silent lane plays.
        self._silence = self.depth * capacity
        self._frames: Samples = np.zeros((self._silence + 1, self._width), np.int16)
