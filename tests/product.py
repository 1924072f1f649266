"""The whole product, started as a user starts it, for tests that need real processes."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
EMAIL = "owner@example.com"
PASSWORD = "correct horse battery"
START_SECONDS = 60
STOP_SECONDS = 20

# Tests place many calls from one address in a short time.
NO_LIMITS = dict.fromkeys(
    ("RATE_REQUESTS", "RATE_CALLS", "RATE_SENDS", "RATE_FAILED_AUTH", "RATE_LOGINS", "RATE_PUBLIC"),
    "0",
)
# A setting of whoever runs the tests must not change what they test.
OURS = ("DATA_DIR", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "SECRET_KEY", "JWT_SECRET", "HOST")

# By role: what tells a process from the others with the same parent.
CHILDREN = {"engine": "app.live.engine", "registrar": "app.live.registrar"}


@dataclass
class Product:
    """A running install. `pids` finds its processes by role."""

    data_dir: Path
    port: int
    api_key: str
    process: "subprocess.Popen[str]"
    output: list[str] = field(default_factory=list)
    email: str = EMAIL
    password: str = PASSWORD

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def client(self, **headers: str) -> httpx.Client:
        """An HTTP client with the first tenant's key; close it when done."""
        return httpx.Client(base_url=self.url, headers={"X-API-Key": self.api_key, **headers})

    def pids(self, role: str) -> list[int]:
        """Processes by role, oldest first.

        `run`, `redis`, `live` and `worker` are one each, as is `web`, the gunicorn master;
        `web-worker`, `registrar` and `engine` are several.
        """
        top = json.loads((self.data_dir / "run" / "processes.json").read_text())
        if role in top:
            return [top[role]]
        if role == "web-worker":
            return [child.pid for child in psutil.Process(top["web"]).children()]
        children = psutil.Process(top["live"]).children(recursive=True)
        found = [child for child in children if CHILDREN[role] in _command(child)]
        return [child.pid for child in sorted(found, key=psutil.Process.create_time)]

    def kill(self, role: str, index: int = 0) -> int:
        """Kill one process of a role with -9; returns its id."""
        pid = self.pids(role)[index]
        os.kill(pid, signal.SIGKILL)
        return pid

    def log(self) -> str:
        return "".join(self.output)

    def wait_healthy(self) -> None:
        """Return once /health is 200. Fails, with the log, when that does not come."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass  # The web server is still starting.
            time.sleep(0.05)
        pytest.fail(f"The product is not healthy.\n{self.log()}")

    def wait_for(self, text: str) -> None:
        """Return once the product has said this. Fails, with the log, when that does not come."""
        deadline = time.monotonic() + START_SECONDS
        while text not in self.log():
            if time.monotonic() > deadline:
                pytest.fail(f"It never says {text!r}.\n{self.log()}")
            time.sleep(0.02)

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Stop in good order; returns the exit code. Fails when anything is left behind."""
        family = _family(self.process.pid)
        self.process.send_signal(with_signal)
        code = self.await_end()
        _, alive = psutil.wait_procs(family, timeout=2)
        left = [_command(process) for process in alive]
        sockets = [str(path) for path in self.data_dir.rglob("*") if path.is_socket()]
        assert not left, f"These are left behind: {left}\n{self.log()}"
        assert not sockets, f"These are left behind: {sockets}"
        assert not (self.data_dir / "run").exists()
        return code

    def await_end(self) -> int:
        """Wait for the product to end by itself; returns its exit code."""
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            family = _family(self.process.pid)
            for process in family:
                process.kill()
            pytest.fail(f"The product does not stop.\n{self.log()}")

    def collect(self) -> None:
        """Read what the processes say, until they have all ended."""
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            for line in stdout:
                self.output.append(line)


def start(data_dir: Path, **settings: str) -> Product:
    """Start the product on a data folder; returns without waiting for its health."""
    api_key = settings.get("BOOTSTRAP_API_KEY", f"chmd_{secrets.token_urlsafe(32)}")
    port = int(settings.get("PORT") or free_port())
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    environment = {
        **inherited,
        **NO_LIMITS,
        "MAX_CALLS_PER_TENANT": "1000",
        "LIVE_PROCESSES": "2",
        "WEB_CONCURRENCY": "2",
        "BOOTSTRAP_EMAIL": EMAIL,
        "BOOTSTRAP_PASSWORD": PASSWORD,
        "BOOTSTRAP_API_KEY": api_key,
        "DATA_DIR": str(data_dir),
        **settings,
        "PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "app.run"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    product = Product(data_dir, port, api_key, process)
    threading.Thread(target=product.collect, daemon=True).start()
    return product


@contextmanager
def running(data_dir: Path, **settings: str) -> Iterator[Product]:
    """A healthy product for the length of a block; afterwards nothing of it may be left."""
    product = start(data_dir, **settings)
    try:
        product.wait_healthy()
        yield product
    finally:
        if product.process.poll() is None:
            product.stop()


@pytest.fixture(scope="session")
def shared_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One product for the whole session, with two live processes and two web workers."""
    with running(tmp_path_factory.mktemp("product")) as found:
        yield found


@pytest.fixture
def product(shared_product: Product, request: pytest.FixtureRequest) -> Iterator[Product]:
    """The session's product; what it said during a test is shown when the test fails."""
    said_before = len(shared_product.output)
    yield shared_product
    request.node.add_report_section(
        "teardown", "product", "".join(shared_product.output[said_before:])
    )


@pytest.fixture
def start_product(tmp_path: Path) -> Iterator[Callable[..., Product]]:
    """Start products of a test's own, for tests that break them; keywords are settings."""
    with_logs: list[Product] = []

    def start_healthy(**settings: str) -> Product:
        own = start(tmp_path / f"product-{len(with_logs)}", **settings)
        with_logs.append(own)
        own.wait_healthy()
        return own

    yield start_healthy
    for own in with_logs:
        if own.process.poll() is None:
            own.stop()


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()) or process.name()
    except psutil.Error:
        return ""
