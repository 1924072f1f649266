"""Doubles of our own processes and people, for tests that run without them."""

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app import bus
from app.services import placement


@dataclass(frozen=True)
class Account:
    """A tenant with an API key and a client that sends it."""

    id: uuid.UUID
    key: str
    key_id: uuid.UUID
    agent: FlaskClient


class FakeLive:
    """A live process that only registers itself and keeps what it is told."""

    def __init__(self, app: Flask, name: str = "live-1") -> None:
        self._app = app
        self.name = name

    def register(self, **facts: Any) -> None:
        """Show up, or show up anew with other facts (sockets, capacity, draining)."""
        pipe = ("127.0.0.1", 9)
        live = placement.Live(self.name, "here", f"/nowhere/{self.name}.sock", pipe, **facts)
        with self._app.app_context():
            placement.register(live, [])

    def leave(self) -> None:
        with self._app.app_context():
            placement.unregister(self.name)

    def commands(self) -> list[dict[str, Any]]:
        """Take the commands that were sent so far, oldest first."""
        with self._app.app_context():
            client = bus.current().redis
            queue = f"{bus.PREFIX}:commands:{self.name}"
            found = client.lrange(queue, 0, -1)
            client.delete(queue)
        return [json.loads(text) for text in found]


def agent_of(app: Flask, key: str) -> FlaskClient:
    """A client that sends an API key with each request."""
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = key
    return client


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run functions in threads that start together; returns results, or what was raised."""
    start = threading.Barrier(len(works))
    outcomes: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        start.wait()
        try:
            outcomes[place] = work()
        except Exception as error:
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
