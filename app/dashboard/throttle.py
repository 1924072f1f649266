"""How often somebody may try to sign in."""

import logging
import time

import redis

from app import bus, tokens
from app.config import settings
from app.errors import RateLimited

logger = logging.getLogger(__name__)

_WINDOW = 60  # Seconds.


def admit(address: str, account: str = "") -> None:
    """Count an attempt from an address to sign in to an account. Raises RateLimited.

    One address may try one account RATE_LOGINS times a minute. Several accounts from one address,
    and several addresses on one account, get a few times that: enough for an office behind one
    address, too little to guess. Without Redis nobody is kept out.
    """
    limit = settings().rate_logins
    if limit <= 0:
        return
    budgets = {f"{address} {account.strip().lower()}": limit, address: limit * 3}
    if account:
        budgets[account.strip().lower()] = limit * 10
    window, spent = divmod(time.time(), _WINDOW)
    try:
        counts = _count([f"{tokens.digest(who)}:{int(window)}" for who in budgets])
    except redis.RedisError:
        logger.warning("Logins are not counted: Redis does not answer")
        return
    if any(count > most for count, most in zip(counts, budgets.values(), strict=True)):
        wait = int(_WINDOW - spent) + 1
        raise RateLimited(f"Too many attempts. Try again in {wait} seconds.", retry_after=wait)


def _count(names: list[str]) -> list[int]:
    with bus.current().redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.incr(f"{bus.PREFIX}:logins:{name}")
            pipe.expire(f"{bus.PREFIX}:logins:{name}", _WINDOW * 2)
        return [int(count) for count in pipe.execute()[::2]]
