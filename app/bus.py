"""Redis between processes: news of events, commands to a live process, their replies."""

import json
import logging
import math
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

import redis

from app.config import Settings, settings

logger = logging.getLogger(__name__)

PREFIX = "patchbay"
EVENTS = f"{PREFIX}:events"
_REPLY_SECONDS = 30


# The newest event's number by (tenant, room); the room is None for what concerns no room.
News = dict[tuple[uuid.UUID, uuid.UUID | None], int]


class BusDown(Exception):
    """Redis does not answer."""


class NoReply(Exception):
    """Nobody answered a command before its deadline."""


class Bus:
    """One Redis, used by many greenlets or threads; each call takes a pooled connection."""

    def __init__(self, settings: Settings) -> None:
        # Retries stay off: a caller decides for itself what an unreachable Redis means.
        self.redis = redis.Redis.from_url(
            settings.redis_address,
            decode_responses=True,
            socket_connect_timeout=2,
            socket_timeout=10,
            retry=None,
            health_check_interval=0,
        )

    def announce(self, news: News) -> None:
        """Tell every reader of the log where there is something new. Raises BusDown."""
        try:
            with self.redis.pipeline(transaction=False) as pipe:
                for (tenant_id, room_id), seq in news.items():
                    place = [str(tenant_id), str(room_id) if room_id else None, seq]
                    pipe.publish(EVENTS, json.dumps(place))
                pipe.execute()
        except redis.RedisError as error:
            raise BusDown(type(error).__name__) from None

    def publish(self, channel: str, value: Any) -> None:
        """Send a value to whoever listens on a channel right now. Raises BusDown."""
        try:
            self.redis.publish(f"{PREFIX}:{channel}", json.dumps(value))
        except redis.RedisError as error:
            raise BusDown(type(error).__name__) from None

    def listen(self, *channels: str, idle: float = 1.0) -> Iterator[tuple[str, Any] | None]:
        """Yield (channel, value) as they come, and None when nothing came for `idle` seconds.

        The first is None as soon as nothing can be missed any more: look into the log then.
        Raises BusDown when the connection is lost: whoever listens must then catch up from the
        log and listen anew.
        """
        names = {f"{PREFIX}:{channel}": channel for channel in channels}
        try:
            with self.redis.pubsub() as pubsub:  # type: ignore[no-untyped-call]  # The client's own gap.
                pubsub.subscribe(*names)
                while True:
                    message = pubsub.get_message(timeout=idle)
                    if message is None or message["data"] == len(names):
                        yield None  # Nothing came, or the last of the channels is ours now.
                    elif message["type"] == "message":
                        yield names[message["channel"]], json.loads(message["data"])
        except redis.RedisError as error:
            raise BusDown(type(error).__name__) from None

    def send(self, live_id: str, name: str, arguments: dict[str, Any]) -> None:
        """Give a command to a live process without waiting for what comes of it. Raises BusDown."""
        self._push(live_id, {"name": name, "arguments": arguments})

    def ask(self, live_id: str, name: str, arguments: dict[str, Any], timeout: float = 5) -> Any:
        """Give a command to a live process and wait for its reply.

        Raises BusDown, or NoReply when `timeout` seconds pass. The command carries its deadline,
        so a process that finds it too late leaves it.
        """
        reply_to = f"{PREFIX}:reply:{uuid.uuid4()}"
        command = {"name": name, "arguments": arguments, "reply_to": reply_to}
        self._push(live_id, command | {"deadline": time.time() + timeout})
        try:
            answer = self.redis.blpop([reply_to], timeout=timeout)
        except redis.RedisError as error:
            raise BusDown(type(error).__name__) from None
        if answer is None:
            raise NoReply(name)
        return json.loads(answer[1])

    def commands(self, live_id: str) -> Iterator[tuple[dict[str, Any], Callable[[Any], None]]]:
        """Yield each command given to a live process with the function that replies to it.

        Never ends; a lost Redis is retried twice a second.
        """
        queue = f"{PREFIX}:commands:{live_id}"
        while True:
            try:
                found = self.redis.blpop([queue], timeout=2)
            except redis.RedisError:
                threading.Event().wait(0.5)
                continue
            if found is None:
                continue
            command = json.loads(found[1])
            if command.get("deadline", math.inf) >= time.time():
                yield command, partial(self._reply, command.get("reply_to"))

    def queue(
        self, pipe: redis.client.Pipeline, live_id: str, name: str, arguments: dict[str, Any]
    ) -> None:
        """Add a command to a pipeline of the caller's."""
        self._add(pipe, live_id, {"name": name, "arguments": arguments})

    def _push(self, live_id: str, command: dict[str, Any]) -> None:
        try:
            with self.redis.pipeline(transaction=False) as pipe:
                self._add(pipe, live_id, command)
                pipe.execute()
        except redis.RedisError as error:
            raise BusDown(type(error).__name__) from None

    def _add(self, pipe: redis.client.Pipeline, live_id: str, command: dict[str, Any]) -> None:
        queue = f"{PREFIX}:commands:{live_id}"
        pipe.rpush(queue, json.dumps(command))
        pipe.expire(queue, 60)  # Commands to a process that is gone do not pile up.

    def _reply(self, reply_to: str | None, value: Any) -> None:
        if reply_to is None:
            return
        try:
            with self.redis.pipeline(transaction=False) as pipe:
                pipe.rpush(reply_to, json.dumps(value))
                pipe.expire(reply_to, _REPLY_SECONDS)
                pipe.execute()
        except redis.RedisError:
            logger.warning("A reply was lost: Redis does not answer")


def current() -> Bus:
    """The bus of the running app; one connection pool per process."""
    return connect(settings())


@lru_cache(maxsize=8)
def connect(settings: Settings) -> Bus:
    return Bus(settings)


@lru_cache(maxsize=8)
def raw(settings: Settings) -> redis.Redis:
    """A connection that leaves bytes as they are, for the job queue."""
    return redis.Redis.from_url(settings.redis_address)
