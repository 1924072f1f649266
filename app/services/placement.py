"""Which live process runs a room: registrations, leases, and how commands reach a room."""

import json
import logging
import time
import uuid
from dataclasses import asdict, dataclass
from typing import Any

import redis

from app import bus
from app.config import settings
from app.errors import BridgeUnavailable, Capacity
from app.models import Room

logger = logging.getLogger(__name__)

_LIVES = f"{bus.PREFIX}:lives"

# The records of the processes that showed themselves lately, in one round trip.
_ALIVE = """
local found = {}
local rows = redis.call('HGETALL', KEYS[1])
for at = 1, #rows, 2 do
    if redis.call('EXISTS', ARGV[1] .. rows[at]) == 1 then found[#found + 1] = rows[at + 1] end
end
return found
"""


@dataclass(frozen=True)
class Live:
    """A live process as others see it."""

    id: str
    host: str
    socket: str  # Path of the Unix socket on its host.
    pipe: tuple[str, int]  # Address for other hosts.
    sockets: int = 0
    capacity: int = 1000
    draining: bool = False

    @property
    def load(self) -> float:
        return self.sockets / max(self.capacity, 1)


def register(live: Live, rooms: list[uuid.UUID]) -> list[uuid.UUID]:
    """Say that a live process is alive and holds its rooms; returns the rooms that others hold.

    One Redis transaction: a Redis that came back empty sees the process and its leases together.
    """
    ttl = int(settings().lease_ttl * 1000)
    client = bus.current().redis
    with client.pipeline() as pipe:
        pipe.hset(_LIVES, live.id, json.dumps(asdict(live)))
        pipe.set(_alive(live.id), "1", px=ttl)
        for room_id in rooms:
            pipe.set(_lease(room_id), live.id, px=ttl, nx=True)
            pipe.get(_lease(room_id))
        answers = pipe.execute()[2:]
    lost = []
    with client.pipeline(transaction=False) as pipe:
        for room_id, holder in zip(rooms, answers[1::2], strict=True):
            if holder == live.id:
                pipe.pexpire(_lease(room_id), ttl)
            else:
                lost.append(room_id)
        pipe.execute()
    return lost


def unregister(live_id: str) -> None:
    """Forget a live process that ends in good order, or was found dead."""
    client = bus.current().redis
    client.hdel(_LIVES, live_id)
    client.delete(_alive(live_id))


def release(room_id: uuid.UUID, live_id: str) -> None:
    """Give a room's lease back."""
    client = bus.current().redis
    if client.get(_lease(room_id)) == live_id:
        client.delete(_lease(room_id))


def alive() -> list[Live]:
    """Every live process that showed itself lately. Raises BusDown."""
    try:
        rows = bus.current().redis.eval(_ALIVE, 1, _LIVES, _alive(""))
    except redis.RedisError as error:
        raise bus.BusDown(type(error).__name__) from None
    return [_parse(row) for row in rows]


def choose() -> Live:
    """The least loaded live process that takes new rooms.

    Raises BridgeUnavailable when none is running, Capacity when all are full or draining.
    """
    try:
        lives = alive()
    except bus.BusDown:
        raise BridgeUnavailable("Redis does not answer.", retry_after=2) from None
    if not lives:
        raise BridgeUnavailable(retry_after=2)
    free = [live for live in lives if not live.draining and live.load < 1]
    if not free:
        raise Capacity(retry_after=10)
    return min(free, key=lambda live: (live.load, live.id))


def start(room_id: uuid.UUID, live: Live, name: str, **arguments: Any) -> None:
    """Give a room that nobody can have to a live process, with its first command.

    Raises BusDown.
    """
    ttl = int(settings().lease_ttl * 1000)
    client = bus.current()
    with client.redis.pipeline(transaction=False) as pipe:
        pipe.set(_lease(room_id), live.id, px=ttl)
        client.queue(pipe, live.id, name, {"room_id": str(room_id), **arguments})
        try:
            pipe.execute()
        except redis.RedisError as error:
            raise bus.BusDown(type(error).__name__) from None


def claim(room: Room) -> Live:
    """Find the live process of a room, or give the room to one.

    Raises BridgeUnavailable or Capacity.
    """
    client = bus.current().redis
    deadline = time.monotonic() + settings().lease_ttl
    try:
        while True:
            lives = {live.id: live for live in alive()}
            holder = client.get(_lease(room.id))
            if holder in lives:
                return lives[holder]
            owner = lives.get(room.owner or "")
            if owner is None and room.owner and young() and time.monotonic() < deadline:
                time.sleep(0.1)  # Redis has just restarted; the room's own process may be late.
                continue
            chosen = owner or choose()
            ttl = int(settings().lease_ttl * 1000)
            if client.set(_lease(room.id), chosen.id, px=ttl, nx=True):
                return chosen
            if time.monotonic() > deadline:
                raise BridgeUnavailable(retry_after=2)
            time.sleep(0.1)  # The lease of a process that died has not run out yet.
    except (redis.RedisError, bus.BusDown):
        raise BridgeUnavailable("Redis does not answer.", retry_after=2) from None


def ask(room: Room, name: str, **arguments: Any) -> Any:
    """Give a command to the process that runs a room and return its reply.

    Raises BridgeUnavailable when there is none or it does not answer in time.
    """
    live = claim(room)
    try:
        return bus.current().ask(live.id, name, {"room_id": str(room.id), **arguments})
    except (bus.BusDown, bus.NoReply):
        raise BridgeUnavailable("The room does not answer.", retry_after=2) from None


def tell(room_id: uuid.UUID, name: str, **arguments: Any) -> None:
    """Give a command to the process that runs a room, if one does, and do not wait for it.

    Gives the room to no process. A command that is lost with Redis is lost.
    """
    client = bus.current()
    try:
        if holder := client.redis.get(_lease(room_id)):
            client.send(str(holder), name, {"room_id": str(room_id), **arguments})
    except (redis.RedisError, bus.BusDown):
        logger.warning("A command was not given: Redis does not answer")


def young() -> bool:
    """Whether Redis started so lately that not everybody may have shown up. Raises RedisError."""
    uptime = bus.current().redis.info("server")["uptime_in_seconds"]
    return int(uptime) < settings().lease_ttl


def _parse(row: str | bytes) -> Live:
    values = json.loads(row)
    return Live(**values | {"pipe": tuple(values["pipe"])})


def _alive(live_id: str) -> str:
    return f"{bus.PREFIX}:live:{live_id}"


def _lease(room_id: uuid.UUID) -> str:
    return f"{bus.PREFIX}:room:{room_id}"
