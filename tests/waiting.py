"""Waiting for something that happens in another process."""

import time
from collections.abc import Callable


def until(happened: Callable[[], bool], seconds: float = 15) -> None:
    """Return as soon as it has happened; AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.02)
