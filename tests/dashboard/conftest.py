"""People at the dashboard, and calls for them to look at."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.dashboard import stream
from app.extensions import db, transaction
from app.models import Call, Participant, User
from app.services import call_states, calls, participants, rooms, tenants
from tests.fakes import FakeLive

PASSWORD = "correct horse"


@dataclass
class Person:
    """Somebody with a browser; `post` sends the form's CSRF token as a page would."""

    client: FlaskClient
    email: str
    tenant_id: uuid.UUID

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(
        self, path: str, *, headers: dict[str, str] | None = None, **form: Any
    ) -> TestResponse:
        data = {"csrf_token": self.token, **form}
        return self.client.post(path, data=data, headers=headers or {})

    @property
    def token(self) -> str:
        cookie = self.client.get_cookie("patchbay_csrf")
        if cookie is None:
            return token_on(self.client.get("/login", follow_redirects=True).text)
        return cookie.value

    def sign_in(self, password: str = PASSWORD, **form: str) -> TestResponse:
        page = self.client.get("/login")
        data = {"csrf_token": token_on(page.text), "email": self.email, "password": password}
        return self.client.post("/login", data=data | form)


@dataclass
class Told:
    """One message of a stream of Server-Sent Events."""

    event: str
    data: Any
    id: str


def told(reply: TestResponse) -> Iterator[Told]:
    """Read a stream's messages as they come; comments and settings are skipped."""
    for chunk in reply.iter_encoded():
        for block in chunk.decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
            if "event" in fields:
                yield Told(fields["event"], json.loads(fields["data"]), fields.get("id", ""))


def token_on(page: str) -> str:
    """The CSRF token of the first form on a page."""
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of `PASSWORD`, made once: each costs a tenth of a second and more."""
    return PasswordHasher().hash(PASSWORD)


@pytest.fixture
def make_person(app: Flask, password_hash: str) -> Callable[..., Person]:
    """Make a user with a tenant of their own; `signed_in` without going through the login."""

    def make(*, signed_in: bool) -> Person:
        email = f"person-{uuid.uuid4().hex}@example.org"
        with app.app_context(), transaction():
            tenant = tenants.create("Engines")
            user = User(tenant_id=tenant.id, email=email, name="Ada", password_hash=password_hash)
            user.session_epoch = 0
            db.session.add(user)
            db.session.flush()
            person = Person(app.test_client(), email, tenant.id)
            signs_in = {"user": str(user.id), "epoch": 0} if signed_in else {}
        with person.client.session_transaction() as session:
            session.update(signs_in)
        return person

    return make


@pytest.fixture
def visitor(make_person: Callable[..., Person]) -> Person:
    """Somebody who has an account and is not signed in."""
    return make_person(signed_in=False)


@pytest.fixture
def person(make_person: Callable[..., Person]) -> Person:
    """Somebody who is signed in."""
    return make_person(signed_in=True)


@pytest.fixture
def stranger(make_person: Callable[..., Person]) -> Person:
    """Somebody signed in to another tenant."""
    return make_person(signed_in=True)


@pytest.fixture
def call(app: Flask, live: FakeLive, person: Person) -> Call:
    """An active call of the person's tenant."""
    with app.app_context():
        made = calls.place(person.tenant_id, calls.Order("room", agent_name="Minutes"))
        call_states.activate(made.id)
        return made


@pytest.fixture
def enter(app: Flask) -> Callable[[Call, str], Participant]:
    """Let a guest come into a call's room."""

    def come(call: Call, name: str) -> Participant:
        with app.app_context():
            room = rooms.get(call.tenant_id, call.room_id)
            with transaction():
                guest = participants.add(room, name)
            participants.connect(guest.id)
            return participants.get(call.tenant_id, guest.id)

    return come


@pytest.fixture
def quick_streams() -> Iterator[None]:
    """Let streams look at the clock and the log more often than readers need it."""
    # Not the test's own monkeypatch: its changes must be undone before other fixtures end.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "IDLE", 0.05)
        patch.setattr(stream, "POLL", 0.05)
        yield
