"""Our own meeting room: no account, no bridge, no vendor."""

from app.platforms.base import Connector
from app.platforms.facts import AUDIO, TEXT


class Room(Connector):
    works = frozenset((*AUDIO, *TEXT, "typing"))

    def require_ready(self, *, test: bool) -> None:
        """A room needs nothing that could be missing."""
