"""One probe: a server, a number of clients, a few seconds, and what it cost."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench import machine, workshop
from bench.plans import Plan
from bench.processes import Usage, idle_seconds, memory
from bench.servers import Server

TICK_S = 0.02
LOST_PCT = 1.0
LATE_MS = 20.0
DISTURBED = 0.05
OPEN_TIMEOUT = 120.0


class ProbeFailed(Exception):
    """The server did not start, a client could not be opened, or the load did not finish."""


@dataclass(frozen=True)
class Probe:
    """The outcome of one probe.

    CPU is in shares of one core, by part of the server; `strangers` is what everything
    else took of the server's core meanwhile.
    """

    clients: int
    cpu: dict[str, float]
    strangers: float
    memory: int
    result: dict = field(repr=False)

    @property
    def total_cpu(self) -> float:
        """The share of one core all processes of the server used."""
        return sum(self.cpu.values())

    @property
    def us(self) -> float:
        """Server CPU per participant and tick, in microseconds."""
        return self.total_cpu * TICK_S * 1e6 / self.clients

    @property
    def first_us(self) -> float:
        """The same for the part that carries the audio alone."""
        return next(iter(self.cpu.values())) * TICK_S * 1e6 / self.clients

    @property
    def lost(self) -> float:
        """Frames lost, in percent: the worse of stamps not heard and frames not received."""
        return max(self.result["lost_pct"], 100 - self.result["received_pct"], 0.0)

    @property
    def kept(self) -> bool:
        """Whether the frames arrived: 1 % lost at most."""
        return self.lost <= LOST_PCT

    @property
    def passed(self) -> bool:
        """Whether the server kept up: 1 % lost at most, 20 ms late at most in 99 of 100 frames."""
        in_time = self.result["late_ms"]["p99"] <= LATE_MS
        return self.kept and in_time and not self.result["own_heard"]

    @property
    def disturbed(self) -> bool:
        """Whether something else ran on the server's core, or the load generator fell behind."""
        return self.strangers > DISTURBED or self.result["behind"]

    def line(self) -> str:
        """Describe the probe in one line, for the progress output."""
        r = self.result
        parts = " + ".join(f"{name} {share:.0%}" for name, share in self.cpu.items())
        marks = " disturbed" * self.disturbed + " failed" * (not self.passed)
        marks += " HEARS ITSELF" * bool(r["own_heard"])
        return (
            f"{self.clients} clients: {self.us:.1f} us, cpu {parts}, "
            f"strangers {self.strangers:.0%}, lost {self.lost:.2f} %, "
            f"late p99 {r['late_ms']['p99']:.1f} ms, one way "
            f"{r['one_way_ms']['p50']:.1f}/{r['one_way_ms']['p99']:.1f} ms, load generator "
            f"{r['own_cpu']:.0%}{marks}"
        )


def run(
    server: Server, seats: Iterable[tuple[int, str]], *, seconds: float = 6, warmup: float = 2
) -> Probe:
    """Start a server, put clients on the seats, measure, and stop it again.

    Raises ProbeFailed.
    """
    try:
        server.start()
    except RuntimeError as error:
        raise ProbeFailed(f"{server.name}: {error}") from error
    try:
        probe = _measure(server, server.plan(seats), seconds, warmup)
    except OSError as error:  # A refused request, or a process that is gone from /proc.
        raise ProbeFailed(f"{server.name}: {error}") from error
    finally:
        server.stop()
    print(f"bench: {server.name}: {probe.line()}", file=sys.stderr, flush=True)
    return probe


def _measure(server: Server, plan: Plan, seconds: float, warmup: float) -> Probe:
    readings: list[_Reading] = []
    for event in _events(plan, seconds, warmup):
        if event["event"] in ("measure", "measured"):
            readings.append(_Reading(server))
        elif event["event"] == "error":
            raise ProbeFailed(f"{server.name}: {event}")
    if len(readings) != 2 or event["event"] != "result":
        raise ProbeFailed(f"{server.name}: the load generator did not finish.")
    before, after = readings
    cpu = {name: usage.since(before.usage[name]) for name, usage in after.usage.items()}
    busy = 1 - (after.idle - before.idle) / (after.at - before.at)
    return Probe(len(plan.clients), cpu, max(0.0, busy - sum(cpu.values())), after.memory, event)


class _Reading:
    """The counters of a server and its core at one moment."""

    def __init__(self, server: Server) -> None:
        parts = server.processes()
        self.at = time.monotonic()
        self.idle = idle_seconds(machine.SERVER_CPU)
        self.usage = {name: Usage.read(pids) for name, pids in parts.items()}
        self.memory = sum(memory(pids) for pids in parts.values())


def _events(plan: Plan, seconds: float, warmup: float):
    """Run the load generator on its core and yield its events as they come."""
    path = workshop.folder() / "plan.tsv"
    plan.write(path)
    options = ["--plan", str(path), "--port", str(plan.port), "--warmup", str(warmup)]
    options += ["--duration", str(seconds), "--open-timeout", str(OPEN_TIMEOUT)]
    pinned = ["taskset", "-c", str(machine.LOAD_CPU), str(workshop.load_generator())]
    with subprocess.Popen([*pinned, *options], stdout=subprocess.PIPE, text=True) as generator:
        watchdog = threading.Timer(OPEN_TIMEOUT + warmup + seconds + 30, generator.kill)
        watchdog.start()
        try:
            for line in generator.stdout or ():
                yield json.loads(line)
        finally:
            watchdog.cancel()
            generator.kill()
