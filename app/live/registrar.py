"""The registrar of an engine: everything of a live process that touches rows or Redis.

It starts its engine, answers its reports, carries commands and events to it, and keeps the leases
of its rooms. It is a process of its own because any busy thread beside the engine's would fight
with it for the interpreter at each of its thousands of system calls per tick.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from pathlib import Path
from typing import Any

from flask import Flask
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app import bus, create_app, logs
from app.config import Settings, child_environment
from app.errors import GatewayError, InternalError
from app.extensions import db
from app.live import clerk
from app.live.housekeeping import Housekeeping
from app.live.lanes import Lanes
from app.live.link import Link, LinkLost
from app.live.pump import Pump
from app.services import calls, placement

logger = logging.getLogger(__name__)

_ENGINE_PATIENCE = 5.0  # Seconds for the engine to answer, or to end when told to.
Engine = subprocess.Popen[bytes]
Start = Callable[[Settings, str, socket.socket], Engine]

_NICENESS = 10
_CLOSES = {"call_ended": 4409, "call_not_found": 4404, "room_ended": 1000}


def start_engine(settings: Settings, live_id: str, end: socket.socket) -> Engine:
    """Start an engine that speaks to us through this end of a socket pair."""
    command = [sys.executable, "-m", "app.live.engine", str(end.fileno())]
    return subprocess.Popen(
        [*command, settings.live_socket(live_id)],
        pass_fds=[end.fileno()],
        # Linear algebra in a tick needs no threads, and they would fight over the core.
        env=child_environment(Path(sys.executable).parent, OPENBLAS_NUM_THREADS="1"),
    )


class Registrar:
    """One live process, seen from outside the engine.

    `start` starts that engine: it gets the settings, our id, and its end of the line to us.
    """

    def __init__(self, app: Flask, settings: Settings, start: Start = start_engine) -> None:
        self.app = app
        self.settings = settings
        self.id = uuid.uuid4().hex[:12]
        self.live = placement.Live(self.id, settings.host_name, "", ("", 0))
        self.sockets: dict[str, dict[str, Any]] = {}  # By stream id: the report of its arrival.
        self.load: dict[str, Any] = {"sockets": 0}
        self.draining = False
        self.stopping = threading.Event()
        self.ready = threading.Event()
        self.lanes = Lanes(app, 4)
        self.pump = Pump(self)
        self._replies: dict[str, Future[Any]] = {}
        self._sending = threading.Lock()
        ours, theirs = socket.socketpair()
        self._link = Link(ours, blocking=True)
        self.engine = start(settings, self.id, theirs)
        theirs.close()

    def run(self) -> int:
        """Serve until told to stop, or until the engine is gone; returns the exit status."""
        for work in (self._take_commands, self.pump.run):
            threading.Thread(target=self._guard, args=(work,), daemon=True).start()
        housekeeping = threading.Thread(
            target=self._guard, args=(Housekeeping(self).run,), daemon=True
        )
        housekeeping.start()
        try:
            while True:
                for report in self._link.receive():
                    self._hear(report)
        except LinkLost:
            self._await_engine()
        ordered = self.stopping.is_set()
        self.stopping.set()
        if self.ready.is_set():
            # A round that is under way must not put our name on the list again.
            housekeeping.join(_ENGINE_PATIENCE)
        self._give_up("shutdown" if ordered else None)
        if not ordered:
            logger.error("The engine died", extra={"status": self.engine.returncode})
        return 0 if ordered else 1

    def send(self, order: dict[str, Any]) -> None:
        """Tell the engine something. Raises LinkLost."""
        with self._sending:
            self._link.send(order)

    def ask_engine(self, name: str, arguments: dict[str, Any]) -> Any:
        """Have the engine do something and return its answer; None when it takes too long."""
        asked = uuid.uuid4().hex
        reply: Future[Any] = Future()
        self._replies[asked] = reply
        try:
            self.send({"op": "ask", "id": asked, "name": name, **arguments})
            return reply.result(_ENGINE_PATIENCE)
        except NotInTime:
            return None
        finally:
            del self._replies[asked]

    def stop(self) -> None:
        """End in good order: sockets are told, calls end, the next start finds nothing left."""
        if not self.stopping.is_set():
            self.stopping.set()
            self.send({"op": "stop"})
            hanging = threading.Timer(_ENGINE_PATIENCE, self.engine.kill)
            hanging.daemon = True
            hanging.start()

    def drain(self) -> None:
        """Take no new rooms; end when the last one does."""
        self.draining = True

    # -- the engine's reports ------------------------------------------------------------------

    def _hear(self, report: dict[str, Any]) -> None:
        kind = report["op"]
        if kind == "ready":
            pipe = (report["pipe"][0], report["pipe"][1])
            self.live = placement.Live(self.id, self.settings.host_name, report["socket"], pipe)
            self.ready.set()
        elif kind == "load":
            self.load = report
        elif kind == "reply":
            reply = self._replies.get(report["id"])
            if reply is not None:
                reply.set_result(report["result"])
        elif kind == "levels":
            self.lanes.run(report["room"], lambda: self._publish_levels(report))
        else:
            handle = {"attached": self._attached, "detached": self._detached}
            self.lanes.run(report["room"], lambda: handle.get(kind, self._requested)(report))

    def _attached(self, report: dict[str, Any]) -> None:
        room_id = uuid.UUID(report["room"])
        self.sockets[report["sid"]] = report  # From now on the room is not let go.
        try:
            self.pump.follow(room_id)
            clerk.own(room_id, self.id)
            facts = clerk.welcome(report)
        except Exception as error:
            if not isinstance(error, GatewayError):
                logger.exception("A socket could not be welcomed")
                error = InternalError()
            del self.sockets[report["sid"]]
            self._refuse(report["sid"], error)
            return
        self.send({"op": "welcome", "sid": report["sid"], "room": report["room"], "facts": facts})
        if report["call"] and facts["state"] == "connecting":
            # The order to enter was lost, or is still on its way: the agent is here anyhow.
            clerk.enter(uuid.UUID(report["call"]), self.id)

    def _refuse(self, sid: str, error: GatewayError) -> None:
        close = _CLOSES.get(error.code, 4000 + error.status)
        refusal = {"code": error.code, "message": str(error), "close": close}
        self.send({"op": "refuse", "sid": sid, **refusal})

    def _detached(self, report: dict[str, Any]) -> None:
        self.sockets.pop(report["sid"], None)
        clerk.depart(report)

    def _requested(self, report: dict[str, Any]) -> None:
        try:
            answer = clerk.fulfil(report)
        except SQLAlchemyError:
            logger.exception("The database failed")
            answer = clerk.failure(InternalError())
        known = {name: report[name] for name in ("sid", "room", "name", "ref")}
        self.send({"op": "answer", **known, **answer})

    def _publish_levels(self, report: dict[str, Any]) -> None:
        levels = {"room_id": report["room"], "levels": report["levels"]}
        try:
            bus.current().publish(f"levels:{report['room']}", levels)
        except bus.BusDown:
            logger.debug("Levels were not published: Redis does not answer")

    # -- commands from web processes -----------------------------------------------------------

    def _take_commands(self) -> None:
        self.ready.wait()
        for command, reply in bus.connect(self.settings).commands(self.id):
            room_id = command["arguments"]["room_id"]
            self.lanes.run(room_id, lambda c=command, r=reply: r(self._command(c)))  # type: ignore[misc]

    def _command(self, command: dict[str, Any]) -> Any:
        arguments = command["arguments"]
        room_id = uuid.UUID(arguments["room_id"])
        self.pump.follow(room_id)
        if command["name"] == "enter":
            return clerk.enter(uuid.UUID(arguments["call_id"]), self.id)
        known = {"room": arguments["room_id"], "participant": arguments.get("participant_id")}
        return self.ask_engine(command["name"], {**known, "seconds": arguments.get("seconds", 0)})

    # -- the end -------------------------------------------------------------------------------

    def _give_up(self, reason: str | None) -> None:
        """End the calls of our rooms and take our name off the list."""
        self.lanes.close()
        with self.app.app_context():
            for room_id in self.pump.rooms():
                if reason is None:
                    clerk.abandon(room_id, self.id)
                    continue
                for call in calls.live_in(room_id):
                    calls.finish(call, reason)
            try:
                placement.unregister(self.id)
                for room_id in self.pump.rooms():
                    placement.release(room_id, self.id)
            except RedisError:
                logger.warning("Leases run out by themselves: Redis does not answer")
            db.session.close()

    def _await_engine(self) -> None:
        try:
            self.engine.wait(_ENGINE_PATIENCE)
        except subprocess.TimeoutExpired:
            self.engine.kill()
            self.engine.wait()

    def _guard(self, work: Callable[[], None]) -> None:
        """Run a thread; if it fails, the whole process ends and is started anew."""
        try:
            work()
        except LinkLost:
            logger.info("The engine is gone")
        except Exception:
            logger.exception("A thread of the registrar failed")
            os.kill(os.getpid(), signal.SIGTERM)


def main() -> int:
    """Run one live process: a registrar and its engine."""
    app = create_app()
    settings = app.config["SETTINGS"]
    logs.configure(settings.log_level)
    registrar = Registrar(app, settings)
    # Where cores are scarce the engine comes first: nobody hears this process being late.
    os.nice(_NICENESS)
    signal.signal(signal.SIGTERM, lambda *_: registrar.stop())
    signal.signal(signal.SIGINT, lambda *_: registrar.stop())
    signal.signal(signal.SIGUSR1, lambda *_: registrar.drain())
    return registrar.run()


if __name__ == "__main__":
    sys.exit(main())
