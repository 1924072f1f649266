"""Server CPU per participant and tick, and how many participants fit: ours beside the peers."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench import plans, probe, servers
from bench.probe import Probe, ProbeFailed
from bench.servers import Server
from bench.tables import spread, table, verdict

BAND = (0.55, 0.90)
TARGET = 0.72
# The shares of each peer's cost that ours may have, by room size.
BOUNDS = {
    2: {"node": 0.8, "websockets": 0.55, "picows": 1.1},
    10: {"node": 0.65, "picows": 0.8},
}
LATENCY_MS = {"p50": 25, "p99": 45}
SPARE_ROUNDS = 3
SMALLER = 1.25


@dataclass
class Search:
    """The probes of one server with rooms of one size."""

    server: Server
    room_size: int
    probes: list[Probe] = field(default_factory=list)
    at_80: Probe | None = None
    at_40: Probe | None = None
    failures: int = 0

    @property
    def counted(self) -> list[Probe]:
        """Probes with the CPU in the band and nothing lost, undisturbed where there are any."""
        sound = [p for p in self.probes if BAND[0] <= p.total_cpu <= BAND[1] and p.kept]
        return [p for p in sound if not p.disturbed] or sound

    @property
    def us(self) -> float:
        """The median cost, or the best idea of it so far.

        A server that lost frames did less than its work, so what it used then says nothing;
        after such a probe the next one is smaller, unless the machine was to blame.
        """
        if self.counted:
            return median(p.us for p in self.counted)
        if told := [p.us for p in self.probes if p.kept]:
            return told[-1]
        overwhelmed = self.failures + sum(not p.disturbed for p in self.probes)
        return self.server.guess[self.room_size] * SMALLER**overwhelmed

    def clients(self, share: float) -> int:
        """Return how many clients take a share of one core; whole rooms, two at least."""
        rooms = round(share * probe.TICK_S * 1e6 / self.us / self.room_size)
        return max(rooms, 2) * self.room_size

    def try_with(self, share: float, seconds: float) -> Probe | None:
        """Probe at the number of clients that takes a share of one core."""
        seats = plans.roles(self.clients(share), self.room_size)
        try:
            return probe.run(self.server, seats, seconds=seconds)
        except ProbeFailed as failure:
            print(f"bench: {failure}", file=sys.stderr, flush=True)
            self.failures += 1
            return None

    def try_twice(self, share: float, seconds: float) -> Probe | None:
        """Probe at a share of one core, once more if the first time was disturbed."""
        found = self.try_with(share, seconds)
        return self.try_with(share, seconds) if found is None or found.disturbed else found


def measure(
    names: Sequence[str], room_size: int, *, probes: int, seconds: float
) -> dict[str, Search]:
    """Probe the servers in turn until each has enough probes in the band.

    Then once each at 80 % of the core, for loss and lateness, and at half of that, for latency.
    """
    searches = {name: Search(servers.get(name), room_size) for name in names}
    for _ in range(probes + SPARE_ROUNDS):
        for search in searches.values():
            quiet = [p for p in search.counted if not p.disturbed]
            if len(quiet) < probes and (found := search.try_with(TARGET, seconds)):
                search.probes.append(found)
    for search in searches.values():
        search.at_80 = search.try_twice(0.8, seconds)
    for search in searches.values():
        search.at_40 = search.try_twice(0.4, seconds)
    return searches


def report(searches: dict[str, Search], room_size: int) -> str:
    """Return the table of one room size, and the ratios beside their bounds."""
    head = ("server", "us per participant", "audio part alone", "at 80 % of a core")
    head += ("probes passed", "lost, late p99 there", "one way p50 / p99 at half", "load generator")
    rows = [_row(search) for search in searches.values() if search.counted]
    text = f"\n### Rooms of {room_size}\n\n" + table(head, rows)
    ours = searches.get("patchbay")
    if ours is None or not ours.counted:
        return text
    ratios = [
        (
            searches[peer].server.title,
            f"{ours.us / searches[peer].us:.2f}",
            *verdict(ours.us / searches[peer].us, BOUNDS[room_size].get(peer)),
        )
        for peer in searches
        if peer != "patchbay" and searches[peer].counted
    ]
    return text + "\n" + table(("ours divided by", "ratio", "bound", ""), ratios)


def report_latency(searches: dict[str, Search]) -> str:
    """Return our latency at half load beside its bounds."""
    ours = searches.get("patchbay")
    if ours is None:
        return ""
    rows = [_latency_row(ours, name, bound) for name, bound in LATENCY_MS.items()]
    return "\n" + table(("latency at half load", "measured", "bound", ""), rows)


def _latency_row(search: Search, name: str, bound: float) -> tuple[str, ...]:
    title = f"one way {name}, rooms of {search.room_size}"
    half = search.at_40
    if half is None or not half.kept:
        return (title, "audio was lost", *verdict(float("inf"), bound, " ms"))
    value = half.result["one_way_ms"][name]
    return (title, f"{value:.1f} ms", *verdict(value, bound, " ms"))


def _row(search: Search) -> tuple[str, ...]:
    counted = search.counted
    passed = sum(p.passed for p in counted)
    at_80, at_40 = search.at_80, search.at_40
    late = one_way = "not measured"
    if at_80:
        late = f"{at_80.lost:.2f} %, {at_80.result['late_ms']['p99']:.1f} ms"
    if at_40:
        delay = at_40.result["one_way_ms"]
        one_way = f"{delay['p50']:.1f} / {delay['p99']:.1f} ms"
    return (
        search.server.title,
        spread([p.us for p in counted]),
        f"{median(p.first_us for p in counted):.1f}",
        str(search.clients(0.8)),
        f"{passed}/{len(counted)}",
        late,
        one_way,
        f"{median(p.result['own_cpu'] for p in counted):.0%}",
    )
