"""What the clients of one probe do: one line each for the load generator."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SPEAK, ZERO, MUTE, CLEAR, STALL = "szqcb"


@dataclass(frozen=True)
class Client:
    """One WebSocket client: where it connects, what it says first, its room and its role.

    `ready` is part of a text message that it waits for before it sends.
    """

    path: str
    room: int
    role: str
    headers: tuple[str, ...] = ()
    hello: str = ""
    ready: str = ""


@dataclass(frozen=True)
class Plan:
    """All clients of a probe."""

    port: int
    clients: tuple[Client, ...]

    def write(self, path: Path) -> None:
        """Write the plan as the load generator reads it."""
        lines = (
            "\t".join((c.path, "\\n".join(c.headers), c.hello, str(c.room), c.role, c.ready))
            for c in self.clients
        )
        path.write_text("\n".join(lines) + "\n")


def roles(clients: int, room_size: int) -> Iterator[tuple[int, str]]:
    """Yield the room and role of each client.

    In rooms of two both speak and each hears the other's bytes. In larger rooms one
    speaks and the others send zeros, so that the sum arrives verbatim as well.
    """
    for i in range(clients):
        room, seat = divmod(i, room_size)
        yield room, SPEAK if room_size == 2 or seat == 0 else ZERO


def interrupting(rooms: int) -> Iterator[tuple[int, str]]:
    """Yield rooms of two in which one client plays ahead and clears, and one listens."""
    for room in range(rooms):
        yield from ((room, CLEAR), (room, ZERO))


def stalling(rooms: int) -> Iterator[tuple[int, str]]:
    """Yield rooms of two in which one client's network stalls, and one listens."""
    for room in range(rooms):
        yield from ((room, STALL), (room, ZERO))
