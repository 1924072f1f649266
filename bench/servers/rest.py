"""REST servers that are measured: placing calls and polling them."""

import json
import secrets
import subprocess
import uuid
from dataclasses import dataclass
from importlib import import_module

from bench import machine, processes, workshop

SERVERS = {
    "patchbay": "bench.servers.patchbay_rest:PatchbayRest",
    "fastapi": "bench.servers.rest:FastAPIPeer",
    "fastapi-loop": "bench.servers.rest:FastAPIOnLoop",
}
LINES = 40  # utterances in each call that is polled
TEXT = "We could meet on Thursday and look at the figures together, if that suits everybody."


@dataclass(frozen=True)
class Caller:
    """A tenant's key and one of its calls, as it stands in the path."""

    key: str
    call_id: str

    @property
    def header(self) -> str:
        """The header line that proves the tenant."""
        return f"X-API-Key: {self.key}"


class RestServer:
    """A REST server under test."""

    name: str
    title: str
    port: int

    def start(self, database_url: str, tenants: int) -> list[Caller]:
        """Start one process on the server's core with so many tenants in an empty database."""
        raise NotImplementedError

    def stop(self) -> None:
        """End every process `start` began."""
        raise NotImplementedError

    def pids(self) -> list[int]:
        """Return the process that answers."""
        raise NotImplementedError


class FastAPIPeer(RestServer):
    name = "fastapi"
    title = "FastAPI + uvicorn + SQLAlchemy"
    views = "threads"

    def start(self, database_url: str, tenants: int) -> list[Caller]:
        """Start the peer, which makes its tables itself."""
        callers = [
            Caller(f"chmd_{secrets.token_urlsafe(32)}", str(uuid.uuid4())) for _ in range(tenants)
        ]
        seed = {"tenants": [(c.key, c.call_id) for c in callers], "lines": LINES, "text": TEXT}
        path = workshop.folder() / "seed.json"
        path.write_text(json.dumps(seed))
        self.port = processes.free_port()
        script = workshop.HERE / "peers" / "rest_fastapi.py"
        command = [str(workshop.peer_python()), str(script), str(self.port), database_url]
        self._process: subprocess.Popen = processes.spawn(
            [*command, str(path), self.views],
            cpus=[machine.SERVER_CPU],
            log=workshop.folder() / f"{self.name}.log",
        )
        try:
            processes.wait_for_port(self.port, self._process)
        except RuntimeError:
            self.stop()
            raise
        return callers

    def stop(self) -> None:
        """End the peer."""
        processes.end(self._process)

    def pids(self) -> list[int]:
        """Return the one process."""
        return processes.family(self._process.pid)


class FastAPIOnLoop(FastAPIPeer):
    name = "fastapi-loop"
    title = "the same, querying on the event loop"
    views = "loop"


def get(name: str) -> RestServer:
    """Return a REST server by name."""
    module, _, cls = SERVERS[name].partition(":")
    return getattr(import_module(module), cls)()
