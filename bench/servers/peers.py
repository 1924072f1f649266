"""The peers: mixers of our own on other people's WebSocket servers."""

import subprocess
from collections.abc import Iterable

from bench import machine, processes, workshop
from bench.plans import Client, Plan
from bench.servers.base import Server

PEERS = workshop.HERE / "peers"


class Peer(Server):
    """A mixer that is one program and takes any `/room/<n>`."""

    def command(self, port: int) -> list[str]:
        """Return the command line that serves on a port."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the program."""
        self._port = processes.free_port()
        log = workshop.folder() / f"{self.name}.log"
        self._process: subprocess.Popen = processes.spawn(
            self.command(self._port), cpus=[machine.SERVER_CPU], log=log, cwd=self.directory()
        )
        try:
            processes.wait_for_port(self._port, self._process)
        except RuntimeError:
            self.stop()
            raise

    def directory(self):
        """Return where the program runs."""
        return PEERS

    def stop(self) -> None:
        """End the program and its workers."""
        processes.end(self._process)

    def processes(self) -> dict[str, list[int]]:
        """Return the program with its workers as one part."""
        return {"server": processes.family(self._process.pid)}

    def plan(self, seats: Iterable[tuple[int, str]]) -> Plan:
        """Return clients that need no preparation."""
        clients = (Client(f"/room/{room}", room, role) for room, role in seats)
        return Plan(self._port, tuple(clients))


class NodeWs(Peer):
    name = "node"
    title = "Node `ws` + `bufferutil`"
    guess = {2: 17.0, 10: 25.0}

    def command(self, port: int) -> list[str]:
        """Run the module from where its packages are."""
        return ["node", str(PEERS / "node_ws.mjs"), str(port)]

    def directory(self):
        """Return the folder of the installed packages."""
        return workshop.node_modules()


class Picows(Peer):
    name = "picows"
    title = "`picows` + `uvloop`"
    guess = {2: 12.6, 10: 20.0}

    def command(self, port: int) -> list[str]:
        """Run the module."""
        return [str(workshop.peer_python()), str(PEERS / "picows_uvloop.py"), str(port)]


class AsyncioWebsockets(Peer):
    name = "websockets"
    title = "asyncio `websockets`"
    guess = {2: 26.0, 10: 37.0}

    def command(self, port: int) -> list[str]:
        """Run the module."""
        return [str(workshop.peer_python()), str(PEERS / "asyncio_websockets.py"), str(port)]


class PlainFlaskSock(Peer):
    name = "flask-sock"
    title = "plain flask-sock, gunicorn gevent"
    guess = {2: 47.0, 10: 52.0}

    def command(self, port: int) -> list[str]:
        """Run gunicorn with one gevent worker."""
        worker = ["-k", "gevent", "-w", "1", "--worker-connections", "10000", "--backlog", "4096"]
        return [
            *(str(workshop.peer_python()), "-m", "gunicorn", *worker, "--no-control-socket"),
            *("-b", f"127.0.0.1:{port}", "plain_flask_sock:app"),
        ]
