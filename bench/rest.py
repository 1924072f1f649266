"""Requests per second and process: polling a call and placing one, ours beside FastAPI."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench import databases, rest_client
from bench.machine import SERVER_CPU
from bench.processes import Usage, idle_seconds
from bench.rest_client import Outcome
from bench.servers import rest as servers
from bench.servers.rest import LINES, Caller, RestServer
from bench.tables import spread, table, verdict_at_least

CONNECTIONS = (16, 64)
TENANTS = 64  # one for each connection, so that no tenant's row is what all wait for
NEW_LINES = 5  # what a poll finds that it has not seen
ORDER = json.dumps({"platform": "room", "agent_name": "Bench", "metadata": {"order": "1"}}).encode()


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    database: str
    request: str
    connections: int


@dataclass(frozen=True)
class Run:
    """One run of a case against one server.

    `cpu` is in ms per request; `strangers` is the share of the server's core that others took.
    """

    outcome: Outcome
    cpu: float
    strangers: float


Results = dict[Case, dict[str, list[Run]]]


def _poll(callers: Sequence[Caller]) -> rest_client.RequestOf:
    path = f"?since={LINES - NEW_LINES}"
    requests = [rest_client.get(f"/api/call/{c.call_id}{path}", c.header) for c in callers]
    return lambda number: requests[number % len(requests)]


def _place(callers: Sequence[Caller]) -> rest_client.RequestOf:
    requests = [rest_client.post("/api/call", c.header, ORDER) for c in callers]
    return lambda number: requests[number % len(requests)]


REQUESTS = (("GET /api/call/{id}?since=", _poll), ("POST /api/call", _place))


def measure(names: Sequence[str], *, rounds: int, seconds: float) -> Results:
    """Run every case against every server in turn, several times."""
    found: Results = {}
    for _ in range(rounds):
        for database in databases.KINDS:
            for name in names:
                _measure_server(servers.get(name), database, seconds, found)
    return found


def report(found: Results) -> str:
    """Return the table, ours divided by the better peer's at the end of the line."""
    head = ("request", "database", "connections", "server", "requests/s", "p50 ms", "p99 ms")
    head += ("CPU ms", "strangers", "ours / better peer", "bound", "")
    rows = []
    for case, by_server in sorted(found.items(), key=lambda item: str(item[0])):
        for name, runs in by_server.items():
            verdict = ("", "", "")
            peers = [_rate(runs) for peer, runs in by_server.items() if peer != "patchbay"]
            if name == "patchbay" and peers:
                ratio = _rate(runs) / max(peers)
                verdict = (f"{ratio:.2f}", *verdict_at_least(ratio, 1.0))
            rows.append((*_row(case, name, runs), *verdict))
    return "\n### REST, one process\n\n" + table(head, rows)


def _measure_server(server: RestServer, database: str, seconds: float, found: Results) -> None:
    with databases.empty(database, server.name.replace("-", "_")) as url:
        callers = server.start(url, TENANTS)
        try:
            for request, build in REQUESTS:
                for connections in CONNECTIONS:
                    run = _run(server, build(callers), connections, seconds)
                    case = Case(database, request, connections)
                    found.setdefault(case, {}).setdefault(server.name, []).append(run)
                    _progress(server, case, run)
        finally:
            server.stop()


def _run(
    server: RestServer, request_of: rest_client.RequestOf, connections: int, seconds: float
) -> Run:
    before, idle, at = Usage.read(server.pids()), idle_seconds(SERVER_CPU), time.monotonic()
    outcome = rest_client.run(server.port, request_of, connections=connections, seconds=seconds)
    # Warm-up included: the share of the core is the same during it.
    share = Usage.read(server.pids()).since(before)
    busy = 1 - (idle_seconds(SERVER_CPU) - idle) / (time.monotonic() - at)
    cpu = share * 1000 / outcome.rate if outcome.rate else 0.0
    return Run(outcome, cpu, max(0.0, busy - share))


def _rate(runs: Sequence[Run]) -> float:
    return median(run.outcome.rate for run in runs)


def _row(case: Case, name: str, runs: Sequence[Run]) -> tuple[str, ...]:
    return (
        case.request,
        case.database,
        str(case.connections),
        servers.get(name).title,
        spread([run.outcome.rate for run in runs], 0),
        f"{median(run.outcome.quantile(0.5) for run in runs):.1f}",
        f"{median(run.outcome.quantile(0.99) for run in runs):.1f}",
        f"{median(run.cpu for run in runs):.2f}",
        f"{median(run.strangers for run in runs):.0%}",
    )


def _progress(server: RestServer, case: Case, run: Run) -> None:
    failures = f", failures {run.outcome.failures}" if run.outcome.failures else ""
    print(
        f"bench: {server.name}: {case.request} on {case.database}, {case.connections} connections: "
        f"{run.outcome.rate:.0f}/s, p99 {run.outcome.quantile(0.99):.1f} ms, "
        f"{run.cpu:.2f} ms of CPU each, strangers {run.strangers:.0%}{failures}",
        file=sys.stderr,
        flush=True,
    )
