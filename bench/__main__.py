"""Runs the benchmarks and prints their tables as markdown: `python -m bench [what]`."""

import argparse
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench import capacity, growth, machine, plans, probe, reactions, servers

HALF_LOAD = 600  # clients beside the clearing ones where no capacity was measured before
SCRIPTS = ("media", "resampler")


def main() -> None:
    """Run what was asked for."""
    options = _arguments()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    machine.require_two_cores()
    print(f"## Patchbay benchmarks\n\n{machine.header()}", flush=True)
    for name in PARTS if options.what == "all" else options.what.split(","):
        PARTS[name](options)


def sockets(options: argparse.Namespace) -> None:
    """Capacity and latency, ours beside the peers."""
    for room_size in options.rooms:
        found = capacity.measure(
            options.servers, room_size, probes=options.probes, seconds=options.seconds
        )
        _show(capacity.report(found, room_size) + capacity.report_latency(found))


def grow(options: argparse.Namespace) -> None:
    """Cost and memory by number of participants."""
    found = growth.measure(
        options.server, probes=max(1, options.probes // 2), seconds=options.seconds
    )
    _show(growth.report(options.server, found))


def clear(options: argparse.Namespace) -> None:
    """Barge-in."""
    found = reactions.measure_clear(options.server, HALF_LOAD, seconds=2 * options.seconds)
    _show(reactions.report_clear(found))


def stall(options: argparse.Namespace) -> None:
    """Recovery from a stalled network."""
    _show(reactions.report_stall(reactions.measure_stall(options.server, seconds=12)))


def scripts(_options: argparse.Namespace) -> None:
    """The micro-benchmarks, each a program of its own."""
    for name in SCRIPTS:
        if (Path(__file__).parent / f"{name}.py").exists():
            print(f"\n### bench.{name}\n", flush=True)
            subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True, timeout=300)


def one(options: argparse.Namespace) -> None:
    """A single probe: `one --server NAME --clients N --rooms R`."""
    seats = plans.roles(options.clients, options.rooms[0])
    found = probe.run(servers.get(options.server), seats, seconds=options.seconds)
    _show(found.line())


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "sockets": sockets,
    "growth": grow,
    "clear": clear,
    "stall": stall,
    "scripts": scripts,
}


def _show(text: str) -> None:
    print(text, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("what", nargs="?", default="all", help=f"all, quick, one, {', '.join(PARTS)}")
    parser.add_argument("--servers", type=lambda text: text.split(","), default=list(servers.SERVERS))
    parser.add_argument("--server", default="patchbay", help="the one server of the other parts")
    parser.add_argument("--rooms", type=lambda text: [int(n) for n in text.split(",")], default=[2, 10])
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--probes", type=int, default=4, help="probes that count, per server")
    parser.add_argument("--seconds", type=float, default=6, help="measured seconds per probe")
    options = parser.parse_args()
    if options.what == "quick":
        options.what, options.probes, options.seconds = "all", 1, 3
    return options


if __name__ == "__main__":
    main()
