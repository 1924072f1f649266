"""Rate limits: fixed windows of one minute, counted in Redis."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import redis
from flask import g

from app import bus
from app.errors import RateLimited

logger = logging.getLogger(__name__)

_WINDOW = 60  # Seconds.
_PAUSE = 1.0  # Seconds without limits, and without asking, after Redis did not answer.
_QUIET = 60.0  # Seconds between two log lines about that.

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Limit:
    """At most `most` per minute of something, for one caller or address; 0 means no limit."""

    name: str
    owner: str
    most: int


def counts_as(setting: str) -> Callable[[View], View]:
    """Count a view's requests against one more limit: the setting of that name."""

    def decorate(view: View) -> View:
        view.limit = setting  # type: ignore[attr-defined]  # Read by the blueprint's guard.
        return view

    return decorate


def spend(limits: Sequence[Limit]) -> None:
    """Count one against each limit; the reply tells of the one that is nearest to its end.

    Raises RateLimited. One round trip to Redis, none when all are switched off; while Redis does
    not answer everything passes.
    """
    limits = [limit for limit in limits if limit.most > 0]
    if not limits:
        return
    window, left = divmod(time.time(), _WINDOW)
    reset = _WINDOW - left
    used = _redis.count([f"{limit.name}:{limit.owner}:{window:.0f}" for limit in limits])
    if used is None:
        return
    nearest, count = min(
        zip(limits, used, strict=True), key=lambda pair: (pair[0].most - pair[1]) / pair[0].most
    )
    headers = {
        "X-RateLimit-Limit": str(nearest.most),
        "X-RateLimit-Remaining": str(max(0, nearest.most - count)),
        "X-RateLimit-Reset": str(int((window + 1) * _WINDOW)),
    }
    g.reply_headers = g.get("reply_headers", {}) | headers
    if count > nearest.most:
        raise RateLimited(f"The limit is {nearest.most} per minute.", retry_after=reset)


class _Redis:
    """Counts in Redis, and leaves it alone for a moment when it does not answer."""

    def __init__(self) -> None:
        self._silent_until = 0.0
        self._log_after = 0.0

    def count(self, names: Sequence[str]) -> list[int] | None:
        """Add one to each counter and return their values; None when Redis does not answer."""
        now = time.monotonic()
        if now < self._silent_until:
            return None
        try:
            with bus.current().redis.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.incr(f"{bus.PREFIX}:limit:{name}")
                    pipe.expire(f"{bus.PREFIX}:limit:{name}", 2 * _WINDOW)
                return pipe.execute()[::2]
        except redis.RedisError:
            self._silent_until = now + _PAUSE
            if now >= self._log_after:
                self._log_after = now + _QUIET
                logger.warning("Limits are off for now: Redis does not answer")
            return None


_redis = _Redis()
