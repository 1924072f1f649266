"""The product itself, started as an operator would, in a data folder of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench import processes, workshop

ROOT = workshop.HERE.parent
KEY = "chmd_benchmarks-only-0123456789-abcdefghijklmnop"
# What would stop a benchmark, and nobody's ordinary use.
LIMITS = {
    "RATE_REQUESTS": "0",
    "RATE_CALLS": "0",
    "RATE_SENDS": "0",
    "RATE_FAILED_AUTH": "0",
    "RATE_PUBLIC": "0",
    "MAX_CALLS_PER_TENANT": "1000000",
    "LIVE_CAPACITY": "100000",
}
START_S = 60.0
STOP_S = 20.0


class Product:
    """A running install."""

    def __init__(self, *, cpus: Iterable[int], **settings: str) -> None:
        """Start it on some cores and return once /health is content.

        Raises RuntimeError when it is not up in time.
        """
        self.port = processes.free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="patchbay-bench-data-"))
        self._environment = {
            **{name: text for name, text in os.environ.items() if name not in LIMITS},
            **LIMITS,
            "PORT": str(self.port),
            "DATA_DIR": str(self.folder),
            "BOOTSTRAP_API_KEY": KEY,
            "LOG_LEVEL": "WARNING",
            **settings,
        }
        self._process: subprocess.Popen = processes.spawn(
            [sys.executable, "-m", "app.run"],
            cpus=cpus,
            log=workshop.folder() / "patchbay.log",
            env=self._environment,
            cwd=ROOT,
        )
        try:
            self._wait_until_healthy()
        except RuntimeError:
            self.stop()
            raise

    def stop(self) -> None:
        """End it in good order, and remove its data."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            processes.end(self._process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self, module: str | None = None) -> list[int]:
        """Return all its processes, or those that run a module of ours."""
        found = processes.family(self._process.pid)
        if module is None:
            return found
        return [pid for pid in found if module in _command(pid)]

    def run(self, module: str, *arguments: str) -> Any:
        """Run a module of ours in its environment and return the JSON it prints."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(
            command, env=self._environment, cwd=ROOT, check=True, timeout=120, capture_output=True
        )
        return json.loads(done.stdout)

    def _wait_until_healthy(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("The product did not start; see patchbay.log in the build folder.")


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""  # It has just ended.
