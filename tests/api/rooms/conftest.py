"""A room with a guest link, and those who come by it."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.handover import Header, Incoming
from app.models import Room
from app.services import placement, rooms, tenants
from tests.fakes import Account


@dataclass
class Place:
    """A room of a tenant as a link visitor finds it."""

    id: str
    name: str
    link: str
    token: str


class Engine:
    """Takes sockets over as an engine does, and keeps their headers."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.headers: list[Header] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return  # Stopped.
            incoming = Incoming(line, secret=None)
            header = None
            while header is None:
                header = incoming.read()
            self.headers.append(header)
            incoming.answer(True)
            assert incoming.socket is not None
            incoming.socket.close()


@pytest.fixture
def place(app: Flask, tenant: Account) -> Place:
    with app.app_context():
        room = rooms.create(tenant.id, "Standup")
        link = rooms.link(rooms.add_link(room).id)
        return Place(str(room.id), room.name, link, link.rpartition("/")[2])


@pytest.fixture
def change_room(app: Flask, place: Place) -> Callable[..., None]:
    """Set columns of the room's row."""

    def change(**columns: Any) -> None:
        with app.app_context():
            room = db.session.get(Room, rooms.ids.parse_uuid(place.id))
            for name, value in columns.items():
                setattr(room, name, value)
            db.session.commit()

    return change


@pytest.fixture
def end_room(app: Flask, place: Place) -> Callable[[], None]:
    def end() -> None:
        with app.app_context():
            rooms.end(rooms.ids.parse_uuid(place.id), "api")

    return end


@pytest.fixture
def configure_tenant(app: Flask, tenant: Account) -> Callable[..., None]:
    def change(**config: Any) -> None:
        with app.app_context():
            tenants.configure(tenants.get(tenant.id), **config)

    return change


@pytest.fixture
def guest(client: FlaskClient, place: Place) -> dict[str, str]:
    """The headers of somebody who came by the link and has no seat yet."""
    return arrive(client, place)


@pytest.fixture
def joined(client: FlaskClient, place: Place, guest: dict[str, str]) -> dict[str, Any]:
    """What a guest called Ana was answered when she took her seat."""
    reply = client.post(
        f"/api/v1/rooms/{place.id}/participants", json={"display_name": "Ana"}, headers=guest
    )
    assert reply.status_code == 201
    answer: dict[str, Any] = reply.json
    return answer


@pytest.fixture
def engine(app: Flask, tmp_path: Path) -> Iterator[Engine]:
    """A live process of this host that takes every socket it is given."""
    taker = Engine(tmp_path / "live.sock")
    with app.app_context():
        settings = app.config["SETTINGS"]
        live = placement.Live("taker", settings.host_name, taker.path, ("127.0.0.1", 9))
        placement.register(live, [])
    yield taker
    with app.app_context():
        placement.unregister("taker")
    taker.stop()


def arrive(client: FlaskClient, place: Place) -> dict[str, str]:
    """Exchange the link's token as a new guest; returns the headers with the JWT."""
    reply = client.post("/api/v1/public/join-token/exchange", json={"join_token": place.token})
    return {"Authorization": f"Bearer {reply.json['access_token']}"}
