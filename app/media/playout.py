"""What an agent sends, waiting to be played: pieces of any size and rate in, frames out."""

from dataclasses import dataclass

import numpy as np

from app.media.backlog import Backlog
from app.media.frame import Samples, samples
from app.media.marks import Marks, Released

LONGEST_WAIT = 120.0
PATIENCE_TICKS = 2


@dataclass(frozen=True, slots=True)
class Cleared:
    """What `clear` stopped: native samples heard and thrown away, and marks never reached."""

    played: int
    discarded: int
    marks: list[str]


class PlayoutQueue:
    """The FIFO of one stream; gives frames at the native rate, one per tick.

    `played`, `dropped` and `queued` are native samples; the silence that fills up a last frame
    and a resampler's delay are in none of them. `seconds` bounds the queue: beyond it the oldest
    audio goes. No more than the frame at hand is converted ahead. Frames of the same stream that
    took the shorter way through a `FrameBank` are told to `passed`.
    """

    def __init__(self, native_rate: int, seconds: float = LONGEST_WAIT) -> None:
        self.native_rate = native_rate
        self.rate = native_rate
        self.played = 0
        self.dropped = 0
        self._frame = samples(native_rate)
        self._bound = int(native_rate * seconds)
        self._backlog = Backlog(native_rate)
        self._odd = b""
        self._taken = 0
        self._passed = 0
        self._played_before = 0
        self._marks = Marks()
        self._patience = PATIENCE_TICKS

    @property
    def queued(self) -> int:
        """Return the native samples that wait, a resampler's rest included."""
        return self._backlog.length

    @property
    def marks(self) -> int:
        """Return how many marks wait."""
        return len(self._marks)

    def configure(self, rate: int) -> None:
        """Declare the rate in Hz of what `feed` gets from now on, with a fresh resampler.

        Audio queued before keeps its own; half a sample carried over is discarded. Raises
        `ValueError` for a rate that `samples` refuses, and then changes nothing.
        """
        samples(rate)
        self.rate = rate
        self._odd = b""
        self._backlog.separate()

    def feed(self, data: bytes) -> int:
        """Append bytes at the stream's rate; return the native samples dropped for them.

        The last byte of an odd number waits for the next call.
        """
        data = self._odd + data if self._odd else data
        whole = len(data) - len(data) % 2
        self._odd = data[whole:]
        return self._append(self.rate, data[:whole])

    def feed_at(self, rate: int, pcm: bytes) -> int:
        """Append samples with a rate of their own; return the native samples dropped for them.

        Raises `ValueError` for half a sample or a rate that `samples` refuses; nothing of it
        plays then.
        """
        samples(rate)
        if len(pcm) % 2:
            raise ValueError("The audio is not a whole number of samples.")
        return self._append(rate, pcm)

    def pull(self) -> Samples | None:
        """Return the frame of this tick [samples], the caller's to keep, or None for silence.

        A rest shorter than a frame waits two ticks for more and then comes padded with zeros.
        """
        if self._backlog.convert(self._frame) >= self._frame:
            self._patience = PATIENCE_TICKS
            return self._play()
        if not self.queued:
            self._patience = PATIENCE_TICKS
            self._played_before = self.played
            return None
        if self._patience:
            self._patience -= 1
            return None
        self._backlog.convert(self._frame, finish=True)
        return self._play()

    def surrender(self, most: int) -> Samples | None:
        """Give whole frames [frames, samples], at most `most`, back to the ring.

        Only if that is all there is, at the native rate, and no mark waits behind it;
        else None. It counts as played when `passed` says so.
        """
        frames, rest = divmod(self.queued, self._frame)
        if rest or not frames or frames > most or self._odd or self.marks:
            return None
        if not self._backlog.is_native():
            return None
        self._backlog.convert(self.queued)
        pcm, _real = self._backlog.take(self.queued)
        self._taken -= len(pcm)
        return pcm.reshape(frames, self._frame)

    def passed(self, frames: int = 1, streak: int | None = None) -> None:
        """Count frames of this stream that a ring played; they come before all that is queued.

        `streak` says how many of the latest came since the stream last ran empty, for `clear`;
        None: it has not done so since anything was played.
        """
        self._passed += frames
        self.played += frames * self._frame
        if streak is not None:
            self._played_before = self.played - streak * self._frame
        self._release()

    def lost(self, frames: int) -> None:
        """Count frames of this stream that a ring dropped; what waits behind them goes on."""
        self._passed += frames
        self.dropped += frames * self._frame

    def mark(self, name: str, extra: int = 0) -> None:
        """Have a name released behind all audio so far and `extra` frames yet to be `passed`.

        With neither it is released at once.
        """
        self._marks.add(name, self._passed + extra, self._taken)
        self._release()

    def released(self) -> list[Released]:
        """Return the marks reached since the last call, in order."""
        return self._marks.collect()

    def clear(self) -> Cleared:
        """Throw away everything that waits, half a sample included.

        `played` counts from when the stream last ran empty, or from the last `clear`. Marks that
        were reached stay for `released`.
        """
        played, self._played_before = self.played - self._played_before, self.played
        self._odd = b""
        self._patience = PATIENCE_TICKS
        return Cleared(played, self._backlog.clear(), self._marks.clear())

    def _append(self, rate: int, pcm: bytes) -> int:
        if not pcm:
            return 0
        self._taken += self._backlog.append(rate, pcm)
        lost = self._backlog.drop(self.queued - self._bound)
        self.dropped += lost
        self._release()
        return lost

    def _play(self) -> Samples:
        frame, real = self._backlog.take(self._frame)
        self.played += real
        self._release()
        if len(frame) < self._frame:
            frame = np.pad(frame, (0, self._frame - len(frame)))
        return frame

    def _release(self) -> None:
        done = self._taken - self.queued
        self._marks.reach(self._passed, done, self.played * 1000 // self.native_rate)
