"""How fast a `clear` falls silent, and what a stalled microphone leaves behind."""

from itertools import chain

from bench import plans, probe, servers
from bench.probe import Probe
from bench.tables import table, verdict

CLEAR_P99_MS = 20
SETTLED_MS = 45  # as far as audio may lag at p99 when nothing has gone wrong
CLEARING_ROOMS = 40
STALLING_ROOMS = 10


def measure_clear(name: str, background: int, *, seconds: float) -> Probe:
    """Have forty agents play ahead and clear at random moments, beside an ordinary load."""
    seats = chain(plans.interrupting(CLEARING_ROOMS), _beside(CLEARING_ROOMS, background))
    return probe.run(servers.get(name), seats, seconds=seconds)


def measure_stall(name: str, *, seconds: float) -> Probe:
    """Have ten microphones fall silent for 400 ms, then deliver all of it at once."""
    return probe.run(servers.get(name), plans.stalling(STALLING_ROOMS), seconds=seconds)


def report_clear(found: Probe) -> str:
    """Return how long sound still arrives after `clear`, and when the first silent frame does."""
    tail, took = found.result["tail_ms"], found.result["clear_ms"]
    rows = [
        ("last frame with sound", *_times(tail), *verdict(tail["p99"], CLEAR_P99_MS, " ms")),
        ("first silent frame", *_times(took), "none", ""),
    ]
    title = f"`clear` to silence, {took['count']} times beside {found.clients} clients"
    head = ("arrives after", "p50 ms", "p99 ms", "max ms", "bound", "")
    return f"\n### {title}\n\n" + table(head, rows)


def _times(found: dict[str, float]) -> tuple[str, str, str]:
    return tuple(f"{found[name]:.1f}" for name in ("p50", "p99", "max"))


def report_stall(found: Probe) -> str:
    """Return the mean delay in each half second after the stall began."""
    slots = found.result["stall_ms"]
    rows = [(f"{s['at']:.1f}", f"{s['mean']:.0f}", f"{s['max']:.0f}") for s in slots]
    last = slots[-1]["mean"] if slots else float("inf")
    bound, kept = verdict(last, SETTLED_MS, " ms")
    return (
        "\n### After a stall of 400 ms: one-way delay\n\n"
        + table(("s after", "mean ms", "max ms"), rows)
        + f"\nAt the end {last:.0f} ms, bound {bound}: {kept}\n"
    )


def _beside(rooms: int, clients: int):
    return ((rooms + room, role) for room, role in plans.roles(clients, 2))
