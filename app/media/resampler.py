"""Changes the sample rate of a stream, with a short delay that never varies."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from app.media.filters import bank
from app.media.frame import Samples, samples

LIMITS = (np.iinfo(np.int16).min, np.iinfo(np.int16).max)


class Resampler:
    """Converts one direction of one stream from a rate in Hz to another; keeps its state.

    Every 20 ms pushed give exactly 20 ms, from the first on: the filter's `delay` (in output
    samples, 0.6 to 3.7 ms) comes as silence at the front, and `flush` gives what it held back at
    the end. The band of the lower rate passes up to 7/8; what lies above its half is at least
    60 dB down. Loud peaks saturate. Measured figures are in the folder's README.
    """

    def __init__(self, source: int, target: int) -> None:
        self._bank = bank(source, target)
        self._same = source == target
        self.source = source
        self.target = target
        self.delay = 0 if self._same else self._bank.delay
        self._block = max(samples(source), self._bank.step_in)
        # A window may reach past the last input, where the surplus outputs are made.
        windows = self._bank.weights.shape[1]
        room = self._bank.history + self._bank.period_in + self._block + self._bank.step_in
        self._input = np.zeros(room + windows, np.float32)
        self._windows = sliding_window_view(self._input, windows)
        self._reset()

    def push(self, pcm: Samples) -> Samples:
        """Return what follows from further samples [n]; it is the caller's.

        Output comes in whole periods of the two rates (1 in, 6 out for 8 to 48 kHz; 147 in, 160
        out for 44.1 to 48); input that does not fill one waits for more.
        """
        if self._same:
            return pcm.copy()
        self._taken += len(pcm)
        blocks = [
            self._convert(pcm[start : start + self._block])
            for start in range(0, len(pcm), self._block)
        ]
        made = blocks[0] if len(blocks) == 1 else np.concatenate([*blocks, pcm[:0]])
        self._given += len(made)
        return made

    def flush(self) -> Samples:
        """Return the rest and begin afresh.

        Pushed and flushed output together last as long as the input, rounded up to a sample, and
        the delay.
        """
        if self._same or not self._taken:
            return np.empty(0, np.int16)
        due = -(-self._taken * self.target // self.source) + self.delay - self._given
        padding = math.ceil(due * self.source / self.target) + self._bank.period_in
        rest = self.push(np.zeros(padding, np.int16))[:due]
        self._reset()
        return rest

    def _reset(self) -> None:
        self._input[:] = 0
        self._waiting = 0
        self._taken = 0
        self._given = 0

    def _convert(self, pcm: Samples) -> Samples:
        rates = self._bank
        end = rates.history + self._waiting + len(pcm)
        self._input[end - len(pcm) : end] = pcm
        periods, self._waiting = divmod(self._waiting + len(pcm), rates.period_in)
        used, wanted = periods * rates.period_in, periods * rates.period_out

        rows = np.arange(-(-wanted // rates.step_out)) * rates.step_in
        windows = self._windows[rates.starts[:, None] + rows]
        products = np.matmul(windows, rates.weights)
        steps = products.transpose(1, 0, 2).reshape(len(rows), -1)[:, : rates.step_out]
        made = steps.reshape(-1)[:wanted]
        np.rint(made, out=made)
        np.clip(made, *LIMITS, out=made)

        kept = rates.history + self._waiting
        self._input[:kept] = self._input[used : used + kept]
        return made.astype(np.int16)
