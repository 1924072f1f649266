"""Runs the benchmarks and prints their tables as markdown: `python -m bench [what]`."""

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Callable

from bench import capacity, growth, machine, plans, probe, reactions, rest, servers
from bench.probe import ProbeFailed
from bench.servers.rest import SERVERS as REST_SERVERS

HALF_LOAD = 600  # clients beside the clearing ones where no capacity was measured before
SCRIPTS = ("media", "resampler")


# What one part may fail with; the others still run.
FAILURES = (ProbeFailed, OSError, RuntimeError, subprocess.SubprocessError)


def main() -> int:
    """Run what was asked for; returns 1 when a part could not be measured."""
    options = _arguments()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    machine.require_two_cores()
    os.sched_setaffinity(0, {machine.LOAD_CPU})
    print(f"## Patchbay benchmarks\n\n{machine.header()}", flush=True)
    status = 0
    for name in list(PARTS) if options.what == "all" else options.what.split(","):
        try:
            (one if name == "one" else PARTS[name])(options)
        except FAILURES as failure:
            _show(f"\n### {name}: not measured\n\n{failure}")
            status = 1
    return status


def sockets(options: argparse.Namespace) -> None:
    """Measure capacity and latency, ours beside the peers."""
    for room_size in options.rooms:
        found = capacity.measure(
            options.servers, room_size, probes=options.probes, seconds=options.seconds
        )
        _show(capacity.report(found, room_size) + capacity.report_latency(found))


def grow(options: argparse.Namespace) -> None:
    """Measure cost and memory by number of participants."""
    rounds = min(2, options.probes)
    found = growth.measure(options.server, probes=rounds, seconds=options.seconds)
    _show(growth.report(options.server, found))


def clear(options: argparse.Namespace) -> None:
    """Measure barge-in."""
    found = reactions.measure_clear(options.server, HALF_LOAD, seconds=2 * options.seconds)
    _show(reactions.report_clear(found))


def stall(options: argparse.Namespace) -> None:
    """Measure the recovery from a stalled network."""
    _show(reactions.report_stall(reactions.measure_stall(options.server, seconds=12)))


def http(options: argparse.Namespace) -> None:
    """Measure REST, ours beside the peer."""
    rounds = min(2, options.probes)
    found = rest.measure(options.rest_servers, rounds=rounds, seconds=options.seconds / 2)
    _show(rest.report(found))


def scripts(_options: argparse.Namespace) -> None:
    """Run the micro-benchmarks, each a program of its own."""
    for name in SCRIPTS:
        print(f"\n### bench.{name}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True, timeout=300)


def one(options: argparse.Namespace) -> None:
    """Run a single probe."""
    seats = plans.roles(options.clients, options.rooms[0])
    found = probe.run(servers.get(options.server), seats, seconds=options.seconds)
    _show(found.line())


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "sockets": sockets,
    "growth": grow,
    "clear": clear,
    "stall": stall,
    "rest": http,
    "scripts": scripts,
}


_LIST = ", ".join(PARTS)


def _show(text: str) -> None:
    print(text, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("what", nargs="?", default="all", help=f"all, quick, one, {_LIST}")
    add = parser.add_argument
    add("--servers", type=_names, default=list(servers.SERVERS), help="for sockets")
    add("--rest-servers", type=_names, default=list(REST_SERVERS), help="for rest")
    add("--server", default="patchbay", help="for the parts that measure one server")
    add("--rooms", type=_numbers, default=[2, 10], help="members of a room, for sockets and one")
    add("--clients", type=int, default=200, help="for one")
    add("--probes", type=int, default=3, help="probes that count, per server")
    add("--seconds", type=float, default=6, help="measured seconds per probe")
    options = parser.parse_args()
    if options.what == "quick":
        options.what, options.probes, options.seconds = "all", 1, 3
    return options


def _names(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
