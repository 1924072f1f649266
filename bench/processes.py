"""Starts servers on their core and reads what they use, from /proc."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


def spawn(command: list[str], *, cpus: Iterable[int], log: Path, **options) -> subprocess.Popen:
    """Start a process group of its own, pinned to some cores, its output in a file."""
    with log.open("ab") as output:
        return subprocess.Popen(
            ["taskset", "-c", ",".join(map(str, cpus)), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **options,
        )


def end(process: subprocess.Popen, timeout: float = 10) -> None:
    """End a process group we started: politely, then for good."""
    for what in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, what)
            process.wait(timeout)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def pin(pid: int, cpu: int) -> None:
    """Move a process with all its threads to a core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {cpu})


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, process: subprocess.Popen, timeout: float = 30) -> None:
    """Wait until a server accepts connections.

    Raises RuntimeError when it ends first or takes too long.
    """
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode} while starting.")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The server did not listen in time.")


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found.extend(int(child) for child in children.read_text().split())
    return found


@dataclass(frozen=True)
class Usage:
    """What the threads of some processes used up to one moment, in ns by thread."""

    at: int
    on_cpu: dict[int, int]

    @classmethod
    def read(cls, pids: Iterable[int]) -> "Usage":
        """Read every thread's time on a core, kernel work in its context included."""
        on_cpu = {}
        for pid in pids:
            for thread in Path(f"/proc/{pid}/task").glob("*"):
                try:
                    ran = (thread / "schedstat").read_text().split()[0]
                except OSError:
                    continue  # The thread has just ended.
                on_cpu[int(thread.name)] = int(ran)
        return cls(time.monotonic_ns(), on_cpu)

    def since(self, earlier: "Usage") -> float:
        """Return the share of one core used since an earlier reading."""
        ran = sum(ns - earlier.on_cpu.get(thread, 0) for thread, ns in self.on_cpu.items())
        return ran / (self.at - earlier.at)


def idle_seconds(cpu: int) -> float:
    """Return how long a core has been idle since the machine started."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name == f"cpu{cpu}":
            return (int(ticks[3]) + int(ticks[4])) / os.sysconf("SC_CLK_TCK")
    raise RuntimeError(f"There is no core {cpu}.")


def memory(pids: Iterable[int]) -> int:
    """Return the proportional set size of some processes together, in bytes."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total
