"""What a live process does by the clock: leases, timers of calls and rooms, rooms of the dead."""

import itertools
import logging
import uuid
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from redis import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import bus
from app.extensions import db, transaction
from app.live import clerk
from app.models import Room
from app.models.room import RoomStatus
from app.services import calls, events, keys, participants, placement, repeats, rooms

if TYPE_CHECKING:
    from app.live.registrar import Registrar

logger = logging.getLogger(__name__)

EVERY_HOUR = 3600
EVERY_MINUTE = 60
EVERY_HALF_MINUTE = 30
EVERY_TWO_SECONDS = 2
PAUSE = 1.0  # Seconds between two rounds.


class Housekeeping:
    """Runs once a second in a thread of its own."""

    def __init__(self, registrar: "Registrar") -> None:
        self._registrar = registrar

    def run(self) -> None:
        """Go round until the process stops; what fails once is tried again the next time."""
        self._registrar.ready.wait()
        for second in itertools.count():
            if self._registrar.stopping.is_set():
                return
            with self._registrar.app.app_context():
                try:
                    self.go_round(second)
                except (RedisError, bus.BusDown):
                    logger.warning("Leases wait: Redis does not answer")
                except SQLAlchemyError:
                    logger.exception("The database failed")
                db.session.close()
            self._registrar.stopping.wait(PAUSE)

    def go_round(self, second: int) -> None:
        """Do what is due in this second of the process's life; needs an app context.

        Raises RedisError, BusDown, SQLAlchemyError.
        """
        self._sweep()
        if second % EVERY_HALF_MINUTE == 0:
            self._check_keys()
            self._look_for_ghosts()
        if second % EVERY_MINUTE == 0:
            self._attend()
        if second % EVERY_HOUR == EVERY_MINUTE:
            self._forget()
        if second % EVERY_TWO_SECONDS == 0:
            self._let_go()
            self._renew()
            self._bury()

    def _sweep(self) -> None:
        """Every live process does this: each change is conditional, so one of them wins."""
        calls.sweep()
        participants.sweep()
        rooms.sweep()

    def _forget(self) -> None:
        """Remove what is kept for a time only."""
        repeats.sweep()
        with transaction():
            events.trim()

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
            # Whoever is in it comes back, and then to the process that has it now.
            registrar.send({"op": "dismiss", "room": str(room_id)})
            registrar.pump.forget(room_id)

    def _let_go(self) -> None:
        """Forget the rooms that nobody is in, and end when we drain and none is left."""
        registrar = self._registrar
        busy = {socket["room"] for socket in registrar.sockets.copy().values()}
        for room_id in registrar.pump.rooms():
            if str(room_id) not in busy:
                # In the room's lane, so that nobody comes in between the look and the deed.
                registrar.lanes.run(str(room_id), partial(self._forget_empty, room_id))
        if registrar.draining and not registrar.pump.rooms():
            registrar.stop()

    def _forget_empty(self, room_id: uuid.UUID) -> None:
        registrar = self._registrar
        if self._sockets_of(room_id) or calls.live_in(room_id):
            return
        registrar.pump.forget(room_id)
        registrar.send({"op": "close", "room": str(room_id)})
        placement.release(room_id, registrar.id)

    def _look_for_ghosts(self) -> None:
        """Lose those whose leaving could not be written down when the database failed."""
        registrar = self._registrar
        here = {socket["participant"] for socket in registrar.sockets.copy().values()}
        for participant in participants.people_in(registrar.pump.rooms()):
            if str(participant.id) not in here:
                lose = partial(self._lose_ghost, participant.room_id, participant.id)
                registrar.lanes.run(str(participant.room_id), lose)

    def _lose_ghost(self, room_id: uuid.UUID, participant_id: uuid.UUID) -> None:
        here = {socket["participant"] for socket in self._sockets_of(room_id)}
        if str(participant_id) not in here:  # Nor did it come while this waited for its turn.
            participants.lose(participant_id)

    def _sockets_of(self, room_id: uuid.UUID) -> list[dict[str, Any]]:
        reports = self._registrar.sockets.copy().values()
        return [report for report in reports if report["room"] == str(room_id)]

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
