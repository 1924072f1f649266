"""What a server must offer to be measured."""

from collections.abc import Iterable

from bench.plans import Plan


class Server:
    """A conference server under test. `start` and `stop` may alternate any number of times."""

    name: str
    title: str
    # Server CPU per participant and tick to expect, by room size: where the search begins.
    guess = {2: 15.0, 10: 20.0}

    def start(self) -> None:
        """Start it, pinned to its core, and return when it accepts connections."""
        raise NotImplementedError

    def stop(self) -> None:
        """End every process `start` began."""
        raise NotImplementedError

    def processes(self) -> dict[str, list[int]]:
        """Return its processes by part; the part that carries the audio comes first."""
        raise NotImplementedError

    def plan(self, seats: Iterable[tuple[int, str]]) -> Plan:
        """Prepare rooms and return one client for each (room, role)."""
        raise NotImplementedError
