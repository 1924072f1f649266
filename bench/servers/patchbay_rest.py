"""Our REST API: the web process on the server's core, all the rest of the product beside it."""

import subprocess

from bench import machine, processes
from bench.servers.product import Product
from bench.servers.rest import Caller, RestServer


class PatchbayRest(RestServer):
    name = "patchbay"
    title = "**Patchbay**"

    def start(self, database_url: str, tenants: int) -> list[Caller]:
        """Start the product on the load's core, then move its web process to the server's."""
        self._product = Product(cpus=[machine.LOAD_CPU], DATABASE_URL=database_url)
        self.port = self._product.port
        try:
            callers = self._product.run("bench.servers.seed", str(tenants))
        except subprocess.SubprocessError:
            self.stop()
            raise
        for pid in self.pids():
            processes.pin(pid, machine.SERVER_CPU)
        return [Caller(key, call_id) for key, call_id in callers]

    def stop(self) -> None:
        """End the product."""
        self._product.stop()

    def pids(self) -> list[int]:
        """Return gunicorn's master and its one worker."""
        return self._product.pids("gunicorn")
