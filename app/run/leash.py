"""No process outlives the one that started it, even when that is killed with no time to tell it."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(with_signal: int = signal.SIGTERM) -> None:
    """Have the kernel signal this process when its parent dies; only Linux can do that."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, with_signal, 0, 0, 0)
