"""What the figures were measured on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

SERVER_CPU = 0
LOAD_CPU = 1


def header() -> str:
    """Describe this machine in one line of markdown."""
    cores = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    congestion = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {_cpu_model()}, {cores} cores, "
        f"{memory:.0f} GiB · Linux {platform.release()} "
        f"({congestion}) · Python {platform.python_version()} · "
        f"load average {os.getloadavg()[0]:.1f} at the start"
    )


def require_two_cores() -> None:
    """Stop where server and load generator would share a core.

    Raises SystemExit, because every figure would be meaningless.
    """
    if not {SERVER_CPU, LOAD_CPU} <= os.sched_getaffinity(0):
        raise SystemExit("bench: the server and the load generator need a core each (0 and 1).")


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
