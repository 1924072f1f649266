"""Which part of a long list a page shows."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from flask import request

SIZE = 25


@dataclass(frozen=True)
class Page:
    """One page of a list; numbers start at 1."""

    number: int
    total: int = 0
    size: int = SIZE

    @classmethod
    def asked(cls) -> "Page":
        """The page that the address asks for; the first for nonsense."""
        number = request.args.get("page", 1, type=int)
        return cls(min(max(number, 1), 10_000))

    def of(self, total: int) -> "Page":
        """The same page of a list with that many rows."""
        return replace(self, total=total)

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))


def choice(name: str, options: Collection[str]) -> str:
    """Read a filter from the address; the first option for anything unknown."""
    value = request.args.get(name, "")
    return value if value in options else next(iter(options))
