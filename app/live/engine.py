"""The engine: one thread that ticks every 20 ms and moves all the audio of its rooms.

A tick reads every socket, mixes in batches, and writes every socket, none of it waiting. Between
ticks it takes sockets over and hears from its registrar, which alone knows database and Redis.
"""

import logging
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from app import config, logs
from app.handover import Header
from app.live import orders
from app.live.clock import Clock
from app.live.deck import Deck
from app.live.intake import Intake
from app.live.link import Link, LinkLost
from app.live.peer import Peer
from app.live.room import Room, describe
from app.live.session import Session
from app.media import filters
from app.wire import Wire

logger = logging.getLogger(__name__)

WIRES = {
    "gateway": "app.api.gateway.wire:GatewayWire",
    "rooms": "app.api.rooms.wire:RoomsWire",
}
LEVEL_TICKS = 10  # Levels are measured five times a second.
SECOND = 50  # Ticks.
_LINGER = 2.0  # Seconds a closing socket gets to take its last words.


class Engine:
    """All rooms of one live process."""

    def __init__(self, link: Link, intake_path: str, settings: config.Settings) -> None:
        self.link = link
        self.clock = Clock()
        self.decks: dict[int, Deck] = {}
        self.rooms: dict[str, Room] = {}
        self.sessions: dict[int, Session] = {}  # By descriptor.
        self.waiting: dict[str, Session] = {}  # By id; not welcomed yet.
        self.running = True
        self.ending: set[Session] = set()  # They have left their room; their socket has not.
        self.max_streams = settings.max_streams_per_call
        self._stalled: set[Peer] = set()
        self._lingering: list[tuple[float, Session]] = []
        self._turns: list[set[Session]] = [set() for _ in range(SECOND)]
        self._sockets = select.epoll()
        self._control = select.epoll()
        self._control.register(link.fileno(), select.EPOLLIN)
        pipe = (settings.live_pipe_host, settings.live_pipe_port)
        self.intake = Intake(intake_path, pipe, settings.secret_key, self.take)
        self.intake.watch(self._control)
        self._tick = 0

    def run(self) -> None:
        """Tick until the registrar is gone or says stop."""
        try:
            self.report({"op": "ready", "socket": self.intake.path, "pipe": self.intake.pipe})
            while self.running:
                self.converse()
                self.tick()
                self.link.flush()
        except LinkLost:
            logger.warning("The registrar is gone; closing every socket")
            self.running = False
        self.stop("shutdown")

    def tick(self) -> None:
        """Read everybody, mix, write to everybody."""
        begun = self._begin()
        self._tick += 1
        self._read()
        measure = self._tick % LEVEL_TICKS == 0
        for deck in self.decks.values():
            for session, data in deck.collect():
                self.guarded(session, session.take, data)
            deck.mix(measure)
        for peer in tuple(self._stalled):
            peer.flush()
        for deck in self.decks.values():
            deck.send()
        if measure:
            for room in self.rooms.values():
                room.tell_levels(begun)
        self._attend(begun)
        self.clock.end(begun)

    def take(self, header: Header, client: socket.socket) -> bool:
        """Take a client's socket over; it hears nothing until the registrar knows it."""
        wire = _wire(header)
        peer = Peer(
            client,
            max_text=wire.max_text,
            max_binary=wire.max_binary,
            out_frames=wire.out_frames,
            out_texts=wire.out_texts,
        )
        peer.stalled = self._stalled
        session = Session(header, peer, wire)
        known = {"room": header["room_id"], "last_seq": header.get("last_seq")}
        self.waiting[session.id] = session
        self.report({"op": "attached", **known, **describe(session)})
        return True

    def report(self, message: dict[str, Any]) -> None:
        """Tell the registrar something. Raises LinkLost while the engine runs."""
        try:
            self.link.send(message)
        except LinkLost:
            if self.running:
                raise

    def guarded(self, session: Session, work: Callable[..., None], *arguments: Any) -> None:
        """Do what a socket's bytes ask for; a fault of ours ends that socket and no other."""
        try:
            work(*arguments)
        except LinkLost:
            raise
        except Exception:
            logger.exception("A socket's message failed")
            session.fail()

    def watch(self, session: Session) -> None:
        """Read a socket from now on, and look after it."""
        self.sessions[session.peer.fd] = session
        self._sockets.register(session.peer.fd, select.EPOLLIN)
        self._turns[session.peer.fd % SECOND].add(session)
        session.ending = self.ending

    def stop(self, reason: str) -> None:
        """Say goodbye to everybody, and give them a moment to take it."""
        self.intake.close()
        while self.waiting:
            self.watch(self.waiting.popitem()[1])
        for session in list(self.sessions.values()):
            session.held = None
            session.notice("goaway", reason=reason, in_ms=0)
            session.peer.close(1001, "shutting_down")
            self._end(session)
        while self._lingering:
            time.sleep(0.01)
            self._shut_lingering(time.monotonic())

    # -- parts of a tick -----------------------------------------------------------------------

    def _begin(self) -> float:
        """Begin a tick; after a standstill, make good what it did to those who keep pace."""
        skipped = self.clock.skipped
        begun = self.clock.begin()
        if self.clock.skipped != skipped:
            for deck in self.decks.values():
                deck.recover()
        return begun

    def _read(self) -> None:
        sessions = self.sessions
        # Without a number epoll names at most 1023 of them.
        for fd, _events in self._sockets.poll(0, len(sessions) + 1):
            session = sessions[fd]
            try:
                count = session.peer.recv_into(session.inbox)
            except BlockingIOError:
                continue
            except OSError:
                count = 0
            if count == session.exact:
                session.hit(session.place)
            elif session.exact > 0 and count and not count % session.exact:
                session.room.deck.hit(session.slot, count // session.exact)  # type: ignore[union-attr]  # exact is only set in a room.
            elif count:
                self.guarded(session, session.read, count)
            else:
                session.peer.gone = True
                self._end(session)

    def _attend(self, at: float) -> None:
        phase = self._tick % SECOND
        for session in tuple(self._turns[phase]):
            session.attend(at)
            if session.peer.gone:
                self.ending.add(session)
        while self.ending:
            self._end(self.ending.pop())
        if phase == 0:
            for room in self.rooms.values():
                room.tidy()
            self._report_load()
            self.intake.tidy(at)
        if self._lingering:
            self._shut_lingering(at)

    def _end(self, session: Session) -> None:
        """Stop reading a socket; shut it once its last words are out."""
        if self.sessions.pop(session.peer.fd, None) is None:
            return
        self._sockets.unregister(session.peer.fd)
        self._turns[session.peer.fd % SECOND].discard(session)
        session.leave(clean=False)
        self.ending.discard(session)
        self._lingering.append((time.monotonic() + _LINGER, session))

    def _shut_lingering(self, at: float) -> None:
        """End the sockets that have said everything, or had their time."""
        kept = []
        for deadline, session in self._lingering:
            if at < deadline and not session.peer.farewell():
                kept.append((deadline, session))
            else:
                session.peer.shut()
        self._lingering = kept

    def _report_load(self) -> None:
        self.report(
            {
                "op": "load",
                "sockets": len(self.sessions),
                "rooms": len(self.rooms),
                "clock": self.clock.summary(),
            }
        )

    # -- the registrar -------------------------------------------------------------------------

    def converse(self) -> None:
        """Hear the registrar and take sockets over until the next tick is due."""
        while True:
            left = self.clock.left()
            for fd, _events in self._control.poll(max(left, 0)):
                if self.intake.owns(fd):
                    self.intake.serve(fd)
                else:
                    for order in self.link.receive():
                        orders.obey(self, order)
            if left <= 0:
                return


def main(arguments: list[str]) -> None:
    """Run an engine: the descriptor of its link, and the path of its Unix socket."""
    _prepare_filters()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The registrar says when to stop.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    settings = config.load()
    logs.configure(settings.log_level)
    end = socket.socket(fileno=int(arguments[0]))
    Engine(Link(end, blocking=False), arguments[1], settings).run()


def _prepare_filters() -> None:
    """Design the usual resamplers now; inside a tick that would take too long."""
    for native in (8000, 16000, 48000):
        for rate in (8000, 16000, 22050, 24000, 32000, 44100, 48000):
            if rate != native:
                filters.design(rate, native)
                filters.design(native, rate)


def _wire(header: Header) -> Wire:
    module, _, name = WIRES[header["dialect"]].partition(":")
    wire: Wire = getattr(import_module(module), name)(header["options"])
    return wire


if __name__ == "__main__":
    main(sys.argv[1:])
