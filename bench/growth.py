"""Whether the cost of a participant stays the same as their number grows, and what each holds."""

from collections.abc import Sequence
from statistics import median

from bench import plans, probe, servers
from bench.probe import Probe
from bench.tables import spread, table, verdict

SIZES = (50, 200, 800)
ROOM_SIZE = 2
WITHIN = 1.25


def measure(name: str, *, probes: int, seconds: float) -> dict[int, list[Probe]]:
    """Probe one server at each size in turn, several times."""
    found: dict[int, list[Probe]] = {size: [] for size in SIZES}
    for _ in range(probes):
        for size in SIZES:
            seats = plans.roles(size, ROOM_SIZE)
            found[size].append(probe.run(servers.get(name), seats, seconds=seconds))
    return found


def report(name: str, found: dict[int, list[Probe]]) -> str:
    """Return the table of sizes, the spread beside its bound, and the slope of the memory."""
    rows = [
        (
            str(size),
            spread([p.us for p in probes]),
            spread([p.first_us for p in probes]),
            _megabytes(probes),
        )
        for size, probes in found.items()
    ]
    whole = _unevenness([median(p.us for p in probes) for probes in found.values()])
    audio = _unevenness([median(p.first_us for p in probes) for probes in found.values()])
    each = memory_per_participant(found)
    title = servers.get(name).title
    head = ("participants", "us per participant", "audio part alone", "memory, MB")
    summary = [
        ("dearest size / cheapest, all processes", f"{whole:.2f}", *verdict(whole, WITHIN)),
        ("dearest size / cheapest, audio part", f"{audio:.2f}", *verdict(audio, WITHIN)),
        ("memory per participant", f"{each / 1024:.1f} KiB", "none", ""),
    ]
    return f"\n### Growth: {title}, rooms of {ROOM_SIZE}\n\n{table(head, rows)}\n" + table(
        ("", "measured", "bound", ""), summary
    )


def memory_per_participant(found: dict[int, Sequence[Probe]]) -> float:
    """Return the slope of the memory between the smallest and the largest size, in bytes."""
    small, large = min(found), max(found)
    grown = median(p.memory for p in found[large]) - median(p.memory for p in found[small])
    return grown / (large - small)


def _megabytes(probes: Sequence[Probe]) -> str:
    return f"{median(p.memory for p in probes) / 1e6:.0f}"


def _unevenness(costs: Sequence[float]) -> float:
    return max(costs) / min(costs)
