"""A dialect: one public API's paths, its routes, and how it words an error."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from app.errors import GatewayError

# A JSON object goes out with the error's own status. A dialect that has other statuses returns
# the pair (object, status), and a whole response where it answers with something else than JSON.
Answer = dict[str, Any] | tuple[dict[str, Any], int] | Response


@dataclass(frozen=True)
class Dialect:
    """One of the public APIs, or the pages.

    `prefixes` are path beginnings without a trailing slash; the empty one stands for whatever no
    other dialect claims.
    """

    name: str
    prefixes: Sequence[str]
    envelope: Callable[[GatewayError], Answer]
    blueprints: Sequence[Blueprint] = ()

    def claims(self, path: str) -> int:
        """Length of the longest prefix of ours that a path lies under; -1 when there is none."""
        under = [len(p) for p in self.prefixes if path == p or path.startswith(p + "/")]
        return max(under, default=-1)
