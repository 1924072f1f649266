"""The registrar's side without an engine: a database and a Redis of its own, and doubles."""

import queue
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app import bus
from app.config import Settings
from app.extensions import db
from app.live import housekeeping
from app.live.link import Link
from app.live.pump import Pump
from app.live.registrar import Registrar
from app.models import Call, Participant
from app.services import calls, placement
from app.services.calls import Order
from tests.redises import RedisServer
from tests.waiting import until

PATIENCE = 10.0  # Seconds for an order to come.


class Desk:
    """What a registrar's parts need of it: no engine, no threads; what is sent is kept."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.settings: Settings = app.config["SETTINGS"]
        self.id = uuid.uuid4().hex[:12]
        self.live = placement.Live(self.id, "here", f"/nowhere/{self.id}.sock", ("127.0.0.1", 9))
        self.sockets: dict[str, dict[str, Any]] = {}
        self.load = {"sockets": 0}
        self.draining = False
        self.stopping = threading.Event()
        self.ready = threading.Event()
        self.ready.set()
        self.lanes = SimpleNamespace(run=lambda _room, job: job())
        self.pump = Pump(self)  # type: ignore[arg-type]  # It has all that a pump uses.
        self._sent: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def send(self, order: dict[str, Any]) -> None:
        self._sent.put(order)

    def stop(self) -> None:
        self.stopping.set()

    def order(self) -> dict[str, Any]:
        """The next order to the engine; fails when none comes."""
        return self._sent.get(timeout=PATIENCE)

    def orders(self) -> list[dict[str, Any]]:
        """The orders so far."""
        found = []
        while not self._sent.empty():
            found.append(self._sent.get())
        return found


class FakeEngine:
    """The engine's end of the line, and its process."""

    returncode: int | None = None

    def start(self, _settings: Settings, _live_id: str, end: socket.socket) -> "FakeEngine":
        own = end.dup()
        self.link = Link(own, blocking=True)
        own.settimeout(PATIENCE)
        self._orders: list[dict[str, Any]] = []
        return self

    def report(self, op: str, **fields: Any) -> None:
        self.link.send({"op": op, **fields})

    def order(self, op: str, **fields: Any) -> dict[str, Any]:
        """Take the first order of a name with these fields; others wait for whoever asks.

        Fails with LinkLost when it does not come.
        """
        wanted = {"op": op, **fields}
        while True:
            for order in self._orders:
                if wanted.items() <= order.items():
                    self._orders.remove(order)
                    return order
            self._orders += self.link.receive()

    def die(self) -> None:
        self.returncode = -9
        self.link.close()

    def wait(self, timeout: float | None = None) -> int | None:
        return self.returncode

    def kill(self) -> None:
        self.die()


class Office:
    """A registrar that runs in a thread, with a fake engine."""

    def __init__(self, app: Flask) -> None:
        self.engine = FakeEngine()
        self.registrar = Registrar(app, app.config["SETTINGS"], self.engine.start)
        self.status: int | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self.engine.report("ready", socket="/nowhere/engine.sock", pipe=["127.0.0.1", 9])
        self.registrar.ready.wait(PATIENCE)

    def come(self, report: dict[str, Any]) -> dict[str, Any]:
        """Let a socket come; returns the greeting's facts."""
        self.engine.link.send(report)
        return self.engine.order("welcome", sid=report["sid"])["facts"]

    def ask(self, report: dict[str, Any], name: str, **arguments: Any) -> dict[str, Any]:
        """Let a client ask for something over its socket; returns the answer."""
        request = {"op": "request", "name": name, "ref": "r", "arguments": arguments}
        self.engine.link.send(report | request)
        return self.engine.order("answer", sid=report["sid"], ref="r")

    def until_line(self, text: str) -> list[dict[str, Any]]:
        """The events that the engine is told of, up to a line of the chat."""
        events = [self.engine.order("event")["event"]]
        while events[-1]["payload"].get("text") != text:
            events.append(self.engine.order("event")["event"])
        return events

    def end(self) -> int | None:
        """Wait until it has ended, after the engine did; returns the exit status."""
        if self.engine.returncode is None:
            self.engine.die()
        self._thread.join(PATIENCE)
        return self.status

    def _run(self) -> None:
        self.status = self.registrar.run()


def arrival(participant: Participant, call: Call | None = None, **more: Any) -> dict[str, Any]:
    """What an engine reports of a socket that came: a guest's, or a stream of a call."""
    return {
        "op": "attached",
        "sid": uuid.uuid4().hex,
        "room": str(participant.room_id),
        "participant": str(participant.id),
        "call": str(call.id) if call else None,
        "dialect": "gateway" if call else "rooms",
        "key": None,
        "last_seq": None,
        **more,
    }


def placed(tenant_id: uuid.UUID, **order: Any) -> Call:
    """A call of the room platform once it is active."""
    call = calls.place(tenant_id, Order(platform="room", **order))
    until(lambda: state(call) == "active")
    return call


def fresh(row: Any) -> Any:
    """A row as it is by now, other threads' changes included."""
    db.session.rollback()  # What was read before belongs to an older state of the database.
    db.session.refresh(row)
    return row


def state(call: Call) -> str:
    return str(fresh(call).state)


@pytest.fixture(scope="session")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("own-redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _own_apps(make_app: Callable[..., Flask], own_redis: RedisServer) -> Callable[[str], Flask]:
    known: dict[str, Flask] = {}

    def find(kind: str) -> Flask:
        if kind not in known:
            known[kind] = make_app(kind, redis_url=own_redis.url)
        return known[kind]

    return find


@pytest.fixture
def app(request: pytest.FixtureRequest, _own_apps: Callable[[str], Flask]) -> Flask:
    """An app whose Redis nobody else uses, empty again for each test."""
    found = _own_apps(getattr(request, "param", "sqlite"))
    bus.connect(found.config["SETTINGS"]).redis.flushdb()
    return found


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app)


@pytest.fixture
def office(app: Flask, context: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A registrar that is on the list, so that it gets calls; its seconds are short."""
    monkeypatch.setattr(housekeeping, "PAUSE", 0.05)
    found = Office(app)
    until(lambda: bool(placement.alive()))
    yield found
    found.end()
