"""Where a member's sound comes from: one stream's audio on its way into a lane."""

from typing import Protocol

import numpy as np

from app.media.bank import FrameBank
from app.media.frame import Samples, samples
from app.media.jitter import CUT_TO
from app.media.marks import Released
from app.media.playout import PlayoutQueue
from app.media.resampler import Resampler

LONGEST_WAIT = 500  # Frames of a microphone that may wait: ten seconds.


class Owner(Protocol):
    """The socket a play-out belongs to."""

    def mark_reached(self, mark: Released) -> None:
        """Tell the client that everything before a mark was played."""

    def qualify(self) -> None:
        """Find out anew whether frames may take the short way."""


class Microphone:
    """A live source: its lane, and behind it what came in larger pieces than a lane holds.

    Late sound is worthless: beyond ten seconds the oldest goes, and when the lane is cut short
    because it has been behind for too long, so is the rest.
    """

    def __init__(self, bank: FrameBank, lane: int) -> None:
        self.bank = bank
        self.lane = lane
        self.rate = bank.rate
        self._resampler: Resampler | None = None
        self._rest: Samples = np.empty(0, np.int16)
        self._behind: Samples = np.empty((0, samples(bank.rate)), np.int16)
        self._dropped = int(bank.dropped[lane])

    held = False

    @property
    def slow(self) -> bool:
        """Whether something waits behind the lane."""
        return len(self._behind) > 0

    @property
    def straight(self) -> bool:
        """Whether whole native frames may go into the lane as they are."""
        return self._resampler is None and not len(self._rest) and not self.slow

    def configure(self, rate: int) -> None:
        """Take PCM at another rate from now on. Raises ValueError."""
        samples(rate)
        self.rate = rate
        native = self.bank.rate
        self._resampler = None if rate == native else Resampler(rate, native)
        self._rest = np.empty(0, np.int16)

    def feed(self, pcm: bytes) -> int:
        """Append whole samples; returns the frames lost for them."""
        longest = LONGEST_WAIT * samples(self.rate) * 2
        lost = max(0, len(pcm) - longest) // (samples(self.rate) * 2)
        pcm = pcm[-longest:]  # Converting what is lost anyhow could take longer than a tick.
        fresh = np.frombuffer(pcm, "<i2").astype(np.int16, copy=False)
        if self._resampler is not None:
            fresh = self._resampler.push(fresh)
        width = samples(self.bank.rate)
        waiting = np.concatenate([self._rest, fresh]) if len(self._rest) else fresh
        whole = len(waiting) // width
        self._rest = waiting[whole * width :].copy()
        return lost + self.push(waiting[: whole * width].reshape(whole, width))

    def push(self, frames: Samples) -> int:
        """Append frames [n, samples]; returns how many of the oldest were lost for them."""
        if not self.slow:
            self._dropped = int(self.bank.dropped[self.lane])
        frames = np.concatenate([self._behind, frames])
        excess = max(0, int(self.bank.count[self.lane]) + len(frames) - LONGEST_WAIT)
        if excess:
            self._dropped += int(self.bank.drop(np.array([self.lane]), excess)[0])
        self._fill(frames[-LONGEST_WAIT:])
        return excess

    def pull(self, _current: Samples) -> None:
        """Move what waits behind the lane on; only the newest of it when the lane was cut."""
        dropped = int(self.bank.dropped[self.lane])
        if dropped - self._dropped > 1:
            self.bank.clear(self.lane)
            self._behind = self._behind[-CUT_TO:]
        self._dropped = dropped
        self._fill(self._behind)

    def clear(self) -> None:
        """Forget what waits."""
        self._rest, self._behind = np.empty(0, np.int16), self._behind[:0]
        self.bank.clear(self.lane)

    def _fill(self, frames: Samples) -> None:
        free = self.bank.depth - int(self.bank.count[self.lane])
        self.bank.push(np.full(min(free, len(frames)), self.lane, np.intp), frames[:free])
        self._behind = frames[free:]


class Playout:
    """An agent's stream: everything sent is played, in its order, however early it came.

    Whole frames at the native rate that keep pace lie in the lane itself. Anything else (other
    sizes and rates, marks, more than the lane holds) waits in a `PlayoutQueue` behind it, and the
    source is `slow` until that queue has run dry.
    """

    def __init__(self, bank: FrameBank, lane: int, owner: Owner) -> None:
        self.bank = bank
        self.lane = lane
        self.owner: Owner | None = owner
        self.queue = PlayoutQueue(bank.rate)
        self.slow = False
        self.held = False  # Nothing is played yet: the lane must stay empty.
        # Frames of the lane that the queue knows were played, and the lane's streak at that time.
        self._told = int(bank.popped[lane])
        self._streak = bank.streak[lane] = 0
        self._lost = int(bank.dropped[lane])
        self._odd = 0  # Whether half a sample waits for its other half.

    @property
    def rate(self) -> int:
        return self.queue.rate

    @property
    def straight(self) -> bool:
        """Whether whole native frames may go into the lane without overtaking anything."""
        return not self.slow and not self.held and self.queue.rate == self.bank.rate

    @property
    def drained(self) -> bool:
        """Whether nothing waits any more."""
        return not self.queue.queued and not self.queue.marks and not self.bank.count[self.lane]

    @property
    def queued_ms(self) -> int:
        waiting = self.queue.queued + int(self.bank.count[self.lane]) * samples(self.bank.rate)
        return waiting * 1000 // self.bank.rate

    @property
    def dropped_ms(self) -> int:
        return self.queue.dropped * 1000 // self.bank.rate

    def configure(self, rate: int) -> None:
        """Take PCM at another rate from now on. Raises ValueError."""
        self.queue.configure(rate)
        self._odd = 0

    def feed(self, data: bytes) -> int:
        """Append bytes at the stream's rate; returns the samples dropped for them."""
        frames, rest = divmod(len(data), samples(self.bank.rate) * 2)
        room = self.bank.depth - int(self.bank.count[self.lane])
        if frames <= room and not rest and self.straight:
            pcm = np.frombuffer(data, "<i2").reshape(frames, -1)
            self.bank.push(np.full(frames, self.lane, np.intp), pcm)
            return 0
        self._become_slow()
        self._odd = (self._odd + len(data)) % 2
        return self.queue.feed(data)

    def feed_at(self, rate: int, pcm: bytes) -> int:
        """Append whole samples at a rate of their own. Raises ValueError."""
        dropped = self.queue.feed_at(rate, pcm)
        self._become_slow()
        return dropped

    def push(self, frames: Samples) -> int:
        """Append frames that the lane had no room for."""
        self._become_slow()
        return self.queue.feed_at(self.bank.rate, frames.tobytes())

    def pull(self, current: Samples) -> None:
        """Play the queue's next frame into `current` if the lane gave none in this tick."""
        lane_played = self._streak > 0
        self._catch_up()
        frame = None
        if not self.bank.streak[self.lane]:
            frame = self.queue.pull()
            if frame is not None:
                current[self.lane] = 0 if self.bank.muted[self.lane] else frame
                # The lane ended, but the stream went on.
                self.bank.underruns[self.lane] -= lane_played
            self._return_to_lane()
        # Half a sample or a mark still needs the queue's order.
        self.slow = bool(self.queue.queued or self.queue.marks or self._odd)
        if frame is not None and not self.slow:
            # Counts as the lane's, so that the next tick shows whether the stream goes on.
            self.bank.streak[self.lane] = self._streak = 1
        self._tell_marks()
        if not self.slow and self.owner is not None:
            self.owner.qualify()

    def _return_to_lane(self) -> None:
        """Move the last whole frames into the lane, so that what comes next may lie there too.

        A sender that keeps pace but is a few frames ahead would else never leave the queue.
        """
        if self.queue.rate == self.bank.rate:
            frames = self.queue.surrender(self.bank.depth // 2)
            if frames is not None:
                self.bank.push(np.full(len(frames), self.lane, np.intp), frames)

    def mark(self, name: str) -> None:
        """Have the owner told once everything queued so far has been played."""
        self._become_slow()
        self.queue.mark(name, extra=int(self.bank.count[self.lane]))
        self._tell_marks()

    def clear(self) -> tuple[int, int, list[str]]:
        """Forget what waits; returns (played ms, discarded ms, names of marks let go)."""
        self._catch_up()
        self._tell_marks()
        in_lane = self.bank.clear(self.lane) * samples(self.bank.rate)
        cleared = self.queue.clear()
        self.bank.streak[self.lane] = self._streak = self._odd = 0
        rate = self.bank.rate
        return (
            cleared.played * 1000 // rate,
            (cleared.discarded + in_lane) * 1000 // rate,
            cleared.marks,
        )

    def _become_slow(self) -> None:
        if self.slow:
            return
        self._catch_up()  # While the lane still knows how long it played without a gap.
        self.slow = True
        if not self.bank.count[self.lane]:
            self.bank.streak[self.lane] = self._streak = 0  # The queue goes on from here.

    def _tell_marks(self) -> None:
        for mark in self.queue.released():
            if self.owner is not None:
                self.owner.mark_reached(mark)

    def _catch_up(self) -> None:
        """Tell the queue which frames the lane has played since it was last told."""
        popped, streak = int(self.bank.popped[self.lane]), int(self.bank.streak[self.lane])
        lost = int(self.bank.dropped[self.lane])
        self.queue.lost(lost - self._lost)
        frames = popped - self._told
        # While the queue plays, a lane without frames does not mean that the stream is dry.
        dry = streak != frames + self._streak if frames else not (streak or self.slow)
        self.queue.passed(frames, streak if dry else None)
        self._told, self._streak, self._lost = popped, streak, lost


Source = Microphone | Playout
