"""How loud audio is."""

import numpy as np
import numpy.typing as npt

from app.media.frame import Samples

FLOOR = -90.0
FULL_SCALE = 32768


def loudest(frames: Samples) -> npt.NDArray[np.int32]:
    """Return the largest magnitude of each row of frames [n, samples], 0 to 32768.

    >>> loudest(np.array([[0, 5, -32768], [1, -2, 0]], np.int16)).tolist()
    [32768, 2]
    """
    # The two ends apart, because the magnitude of -32768 does not fit 16 bits.
    highest = frames.max(axis=1, initial=0).astype(np.int32)
    lowest = frames.min(axis=1, initial=0).astype(np.int32)
    magnitudes: npt.NDArray[np.int32] = np.maximum(highest, -lowest)
    return magnitudes


def dbfs(magnitudes: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Convert magnitudes of 0 to 32768 to decibels of full scale, -90 at least.

    >>> dbfs([32768, 16384, 0]).round(2).tolist()
    [0.0, -6.02, -90.0]
    """
    quietest = FULL_SCALE * 10 ** (FLOOR / 20)
    return 20 * np.log10(np.maximum(magnitudes, quietest) / FULL_SCALE)


def peaks(current: Samples) -> npt.NDArray[np.float64]:
    """Return the peak of each row of frames [rows, samples] in dBFS, -90 for silence."""
    return dbfs(loudest(current))
