"""Coefficients for changing the sample rate: a windowed sinc, cut into phases."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.media.frame import Indices, samples

# The part of the lower rate's band that passes: 3.5 of 4 kHz, 7 of 8 kHz.
PASS = 0.875
REJECTION_DB = 62.0
# Wide enough that one product does useful work, narrow enough that few coefficients are zero.
OUTPUTS_PER_PRODUCT = 48
LONGEST_SHARED_PHASE = 160
CACHED_PAIRS = 32

Floats = npt.NDArray[np.float32]

_BETA = 0.1102 * (REJECTION_DB - 8.7)
_DISTANCES = np.linspace(0, 1, 4097)
_WINDOW = (_DISTANCES, np.i0(_BETA * np.sqrt(1 - _DISTANCES**2)))


@dataclass(frozen=True, slots=True)
class Filter:
    """How `step_in` input samples become `step_out` output samples.

    Output b * P + p of a step is the product of `weights[b, :, p]` with the input window that
    begins at `starts[b]`, counted from `history` samples before the step. Outputs from `step_out`
    on are surplus. Everything repeats after `period_in` samples (a divisor of the step), which
    give `period_out`. `delay` is the filter's delay in output samples.
    """

    weights: Floats
    starts: Indices
    history: int
    step_in: int
    step_out: int
    period_in: int
    period_out: int
    delay: int


@lru_cache(maxsize=CACHED_PAIRS)
def design(source: int, target: int) -> Filter:
    """Return the coefficients for a pair of rates in Hz, made on first use (0.1 to 6 ms).

    Where the phases repeat soon, one matrix makes some dozens of outputs; otherwise (as from
    47,950 to 48,000 Hz) each group of outputs has a matrix and a window of its own. Raises
    `ValueError` for a rate that `samples` refuses.
    """
    divisor = math.gcd(samples(source), samples(target))
    period_in, period_out = samples(source) // divisor, samples(target) // divisor
    if period_out <= LONGEST_SHARED_PHASE:
        periods = max(1, OUTPUTS_PER_PRODUCT // period_out)
        groups, width = 1, periods * period_out
    else:
        periods = 1
        groups, width = -(-period_out // OUTPUTS_PER_PRODUCT), OUTPUTS_PER_PRODUCT

    delay = _delay(source, target)
    history = math.floor(2 * delay * source / target) + 1
    first_outputs = np.arange(groups) * width
    starts = first_outputs * period_in // period_out
    window = history + math.ceil(width * period_in / period_out) + 1

    # An output is centred `delay` before the newest input it may use. Times are whole numbers,
    # in units both rates divide, so that every phase ends its kernel at the same place.
    outputs = (first_outputs[:, None] + np.arange(width) - delay) * source
    inputs = (starts[:, None] + np.arange(window) - history) * target
    weights = _kernel(inputs[:, :, None] - outputs[:, None, :], source, target, delay * source)
    weights /= weights.sum(axis=1, keepdims=True)
    return Filter(
        weights=np.ascontiguousarray(weights, np.float32),
        starts=starts.astype(np.intp),
        history=history,
        step_in=periods * period_in,
        step_out=periods * period_out,
        period_in=period_in,
        period_out=period_out,
        delay=delay,
    )


def _delay(source: int, target: int) -> int:
    """Return the filter's delay in output samples, rounded up to a whole one.

    Kaiser's estimate (J. F. Kaiser, "Nonrecursive Digital Filter Design Using the I0-sinh Window
    Function", 1974) gives the length for the rejection and the width of the transition, as it
    gives the window's shape.
    """
    transition = (1 - PASS) * min(source, target) / 2
    seconds = (REJECTION_DB - 7.95) / 14.36 / transition
    return math.ceil(seconds / 2 * target)


def _kernel(times: Indices, source: int, target: int, reach: int) -> npt.NDArray[np.float64]:
    """Evaluate the low-pass at times in 1 / (source * target) seconds; zero beyond `reach`."""
    cutoff = (1 + PASS) / 2 * min(source, target)
    inside = np.abs(times) <= reach
    near = times[inside]
    values = np.zeros(times.shape)
    # Looking the window up takes half as long as evaluating a Bessel function for each point.
    window = np.interp(np.abs(near) / reach, *_WINDOW)
    values[inside] = np.sinc(near * (cutoff / (source * target))) * window
    return values
