"""Carries the event log of a live process's rooms to its engine, in order and without gaps."""

import logging
import threading
import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from app import bus
from app.extensions import db
from app.models import Room
from app.services import events

if TYPE_CHECKING:
    from app.live.registrar import Registrar

logger = logging.getLogger(__name__)

_AT_ONCE = 1000  # Events read from the log in one go.


class Pump:
    """Follows rooms. News over Redis says where to look; the log itself is the source.

    While Redis is away, and once whenever it comes back, all rooms are looked at.
    """

    def __init__(self, registrar: "Registrar") -> None:
        self._registrar = registrar
        self._seen: dict[uuid.UUID, int] = {}  # Number of the latest event told, by room.
        self._tenants: dict[uuid.UUID, uuid.UUID] = {}  # Whose a room is.
        self._newest: dict[uuid.UUID, int] = {}  # A tenant's number when all rooms were looked at.
        self._lock = threading.Lock()

    def follow(self, room_id: uuid.UUID) -> None:
        """Tell the engine of a room's events from now on; needs an app context."""
        with self._lock:
            if room_id in self._seen:
                return
            room = db.session.get(Room, room_id)
            if room is not None:
                self._seen[room_id] = events.last_seq(room.tenant_id)
                self._tenants[room_id] = room.tenant_id

    def forget(self, room_id: uuid.UUID) -> None:
        with self._lock:
            self._seen.pop(room_id, None)
            self._tenants.pop(room_id, None)

    def rooms(self) -> list[uuid.UUID]:
        with self._lock:
            return list(self._seen)

    def run(self) -> None:
        """Carry events until the process stops."""
        while not self._registrar.stopping.is_set():
            try:
                self._look_everywhere()
                self._follow_news()
            except bus.BusDown:
                logger.warning("Redis does not answer; looking into the log every half second")
            except SQLAlchemyError:
                logger.exception("The database failed")
            self._registrar.stopping.wait(0.5)

    def _follow_news(self) -> None:
        channels = "events", "revoked", "typing"
        for news in bus.connect(self._registrar.settings).listen(*channels, idle=5):
            if self._registrar.stopping.is_set():
                return
            if news is None:
                self._look_everywhere()  # A message may have been lost on the way.
            elif news[0] == "revoked":
                self._registrar.send({"op": "revoked", "keys": [news[1]]})
            elif news[0] == "typing":
                self._registrar.send({"op": "typing", **news[1]})
            elif news[1][1] is not None:
                self._look([uuid.UUID(news[1][1])])

    def _look_everywhere(self) -> None:
        """Look at every room of the tenants to whom anything has happened since the last time."""
        with self._lock:
            rooms = dict(self._tenants)
        with self._registrar.app.app_context():
            newest = events.newest(set(rooms.values()))
            db.session.close()
        changed = {tenant for tenant, seq in newest.items() if self._newest.get(tenant) != seq}
        self._look([room_id for room_id, tenant in rooms.items() if tenant in changed])
        self._newest = newest

    def _look(self, room_ids: list[uuid.UUID]) -> None:
        with self._registrar.app.app_context():
            for room_id in room_ids:
                while found := self._fresh(room_id):
                    for event in found:
                        self._registrar.send({"op": "event", "event": event})
                    if len(found) < _AT_ONCE:
                        break
            db.session.close()

    def _fresh(self, room_id: uuid.UUID) -> list[dict[str, Any]]:
        with self._lock:
            after = self._seen.get(room_id)
            if after is None:
                return []
            rows = events.of_room(room_id, after, _AT_ONCE)
            if rows:
                self._seen[room_id] = rows[-1].seq
            return [events.plain(row) for row in rows]
