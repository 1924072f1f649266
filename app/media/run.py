"""A stretch of waiting audio that shares one sample rate and one resampler."""

from collections import deque

import numpy as np

from app.media.frame import Samples, samples
from app.media.resampler import Resampler

BLOCK_BYTES = 32768


class Run:
    """Audio at `rate`, converted to `native` (both in Hz) only as it is taken.

    `length` is what all of it gives in native samples, rounded up once at its end; `waiting` is the
    source samples not converted yet.
    """

    def __init__(self, rate: int, native: int) -> None:
        self.rate = rate
        self.length = 0
        self.waiting = 0
        self._native = native
        self._fed = 0
        self._frame = samples(rate)
        self._resampler = None if rate == native else Resampler(rate, native)
        self._lead = self._resampler.delay if self._resampler else 0
        self._given = 0
        self._blocks: deque[bytearray | bytes] = deque()
        self._offset = 0

    def feed(self, pcm: bytes) -> int:
        """Append whole samples; return the growth of `length`."""
        last = self._blocks[-1] if self._blocks else None
        # Small pieces are joined, or a client that sends single samples would cost their
        # hundredfold in objects.
        if isinstance(last, bytearray) and len(last) + len(pcm) <= BLOCK_BYTES:
            last += pcm
        else:
            self._blocks.append(pcm if len(pcm) > BLOCK_BYTES else bytearray(pcm))
        self.waiting += len(pcm) // 2
        return self._resize(len(pcm) // 2)

    @property
    def rest(self) -> int:
        """Return how much of `length` is still to come."""
        return self.length - self._given

    def convert(self) -> tuple[Samples, int]:
        """Convert the next 20 ms or what there is; return it and how much of it is lead.

        The lead is the resampler's delay; it sounds before the run's first sample and is no part
        of `length`.
        """
        pcm = self._take(min(self.waiting, self._frame))
        return self._lead_of(self._resampler.push(pcm) if self._resampler else pcm)

    def finish(self) -> tuple[Samples, int]:
        """Return what the resampler still holds, in the form `convert` has; the run is over."""
        return self._lead_of(self._resampler.flush() if self._resampler else self._take(0))

    def drop(self, excess: int) -> int:
        """Throw away the oldest waiting audio, `excess` native samples or all there is.

        Returns by how much `length` shrank.
        """
        dropped = min(-(-excess * self.rate // self._native), self.waiting)
        self._skip(dropped)
        return -self._resize(-dropped)

    def _resize(self, change: int) -> int:
        before = self.length
        self._fed += change
        self.length = -(-self._fed * self._native // self.rate)
        return self.length - before

    def _lead_of(self, made: Samples) -> tuple[Samples, int]:
        lead = min(self._lead, len(made))
        self._lead -= lead
        self._given += len(made) - lead
        return made, lead

    def _take(self, wanted: int) -> Samples:
        pcm = np.empty(wanted, np.int16)
        filled = 0
        while filled < wanted:
            block = self._blocks[0]
            count = min(wanted - filled, (len(block) - self._offset) // 2)
            pcm[filled : filled + count] = np.frombuffer(block, "<i2", count, self._offset)
            filled += count
            self._skip(count)
        return pcm

    def _skip(self, count: int) -> None:
        self.waiting -= count
        while count:
            left = (len(self._blocks[0]) - self._offset) // 2
            if count < left:
                self._offset += count * 2
                return
            count -= left
            self._offset = 0
            self._blocks.popleft()
