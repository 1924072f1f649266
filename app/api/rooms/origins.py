"""Which web pages may open a participant's socket, judged by the Origin header (RFC 6454)."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_LOCAL = tuple(
    f"{scheme}://{host}:*"
    for scheme in ("http", "https")
    for host in ("localhost", "127.0.0.1", "[::1]")
)


class Origin(NamedTuple):
    scheme: str
    host: str
    port: int


def allowed(
    origin: str | None, *, own: Sequence[str], host: str, listed: Sequence[str], patterns: str
) -> bool:
    """Judge an Origin header.

    `own` are the server's origins and `host` the Host header; `listed` is the tenant's own list,
    which when empty makes room for this machine and the operator's comma-separated `patterns`.
    """
    if origin is None:
        return True  # Not a browser.
    asked = parse(origin)
    if asked is None:
        return False
    here = parse(f"{asked.scheme}://{host}")
    if asked == here or asked in [parse(address) for address in own]:
        return True
    operators = (pattern.strip() for pattern in patterns.split(","))
    return any(_matches(asked, pattern) for pattern in listed or (*_LOCAL, *operators))


def parse(text: str) -> Origin | None:
    """Read `scheme://host[:port]`, with the scheme's usual port filled in; None for all else."""
    try:
        parts = urlsplit(text)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not parts.hostname or parts.username is not None or parts.path or parts.query:
        return None
    return Origin(parts.scheme, parts.hostname, port)


def _matches(asked: Origin, pattern: str) -> bool:
    any_port = pattern.endswith(":*")
    wanted = parse(pattern.removesuffix(":*"))
    if wanted is None or wanted.scheme != asked.scheme:
        return False
    if not any_port and wanted.port != asked.port:
        return False
    labels = re.escape(wanted.host).replace(r"\*", "[^.]+")
    return re.fullmatch(labels, asked.host) is not None
