"""What a live process does by the clock: leases, timers of calls and rooms, rooms of the dead."""

import logging
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from redis import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import bus
from app.extensions import db
from app.live import clerk
from app.models import Room
from app.models.room import RoomStatus
from app.services import calls, keys, participants, placement, rooms

if TYPE_CHECKING:
    from app.live.registrar import Registrar

logger = logging.getLogger(__name__)

EVERY_MINUTE = 60
EVERY_HALF_MINUTE = 30
EVERY_TWO_SECONDS = 2


class Housekeeping:
    """Runs once a second in a thread of its own."""

    def __init__(self, registrar: "Registrar") -> None:
        self._registrar = registrar
        self._second = 0

    def run(self) -> None:
        """Go round until the process stops; what fails once is tried again the next time."""
        self._registrar.ready.wait()
        while not self._registrar.stopping.is_set():
            with self._registrar.app.app_context():
                try:
                    self._round()
                except (RedisError, bus.BusDown):
                    logger.warning("Leases wait: Redis does not answer")
                except SQLAlchemyError:
                    logger.exception("The database failed")
                db.session.close()
            self._second += 1
            self._registrar.stopping.wait(1)

    def _round(self) -> None:
        self._sweep()
        if self._second % EVERY_HALF_MINUTE == 0:
            self._check_keys()
        if self._second % EVERY_MINUTE == 0:
            self._attend()
        if self._second % EVERY_TWO_SECONDS == 0:
            self._let_go()
            self._renew()
            self._bury()

    def _sweep(self) -> None:
        """Every live process does this: each change is conditional, so one of them wins."""
        calls.sweep()
        participants.sweep()
        rooms.sweep()

    def _attend(self) -> None:
        open_calls = {s["call"] for s in self._registrar.sockets.copy().values() if s["call"]}
        if open_calls:
            clerk.attended([uuid.UUID(call) for call in open_calls])

    def _check_keys(self) -> None:
        """Close the sockets of keys that were revoked while Redis could not tell."""
        used = {s["key"] for s in self._registrar.sockets.copy().values() if s["key"]}
        if used:
            dead = keys.revoked_among([uuid.UUID(key) for key in used])
            self._registrar.send({"op": "revoked", "keys": [str(key) for key in dead]})

    def _renew(self) -> None:
        registrar = self._registrar
        registrar.live = replace(
            registrar.live,
            sockets=registrar.load["sockets"],
            capacity=registrar.settings.live_capacity,
            draining=registrar.draining,
        )
        for room_id in placement.register(registrar.live, registrar.pump.rooms()):
            logger.error("Another process holds a room of ours", extra={"room_id": str(room_id)})
            registrar.pump.forget(room_id)

    def _let_go(self) -> None:
        """Forget the rooms that nobody is in, and end when we drain and none is left."""
        registrar = self._registrar
        busy = {s["room"] for s in registrar.sockets.copy().values()}
        for room_id in registrar.pump.rooms():
            if str(room_id) in busy or calls.live_in(room_id):
                continue
            registrar.pump.forget(room_id)
            registrar.send({"op": "close", "room": str(room_id)})
            placement.release(room_id, registrar.id)
        if registrar.draining and not registrar.pump.rooms():
            registrar.stop()

    def _bury(self) -> None:
        """Give up the rooms of live processes that are gone."""
        if placement.young():
            return  # After a restart of Redis nobody is listed; the living show up first.
        living = {live.id for live in placement.alive()}
        owned = select(Room.id, Room.owner).where(
            Room.status == RoomStatus.ACTIVE, Room.owner.is_not(None)
        )
        for room_id, owner in db.session.execute(owned).all():
            if owner and owner not in living and owner != self._registrar.id:
                clerk.abandon(room_id, owner)
