"""What a frame of audio is: 20 ms of signed 16-bit mono samples."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FRAME_MS = 20
FRAMES_PER_SECOND = 1000 // FRAME_MS
LOWEST_RATE = 8000
HIGHEST_RATE = 48000

Samples = npt.NDArray[np.int16]
Indices = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Audio of one source during one tick; `rate` is in Hz, `pcm` has `samples(rate)` values."""

    pcm: Samples
    rate: int


def samples(rate: int) -> int:
    """Return how many samples a frame has at a rate in Hz.

    Raises `ValueError` for a rate below 8000, above 48000, or one whose frame would not be a
    whole number of samples.

    >>> samples(48000), samples(44100)
    (960, 882)
    """
    if not LOWEST_RATE <= rate <= HIGHEST_RATE or rate % FRAMES_PER_SECOND:
        raise ValueError(
            f"A sample rate is from {LOWEST_RATE} to {HIGHEST_RATE} Hz"
            f" and divisible by {FRAMES_PER_SECOND}, unlike {rate}."
        )
    return rate // FRAMES_PER_SECOND
