"""What every test may use: the app on a real database and a real Redis, tenants, a fake engine."""

import ipaddress
import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import Settings
from app.extensions import db
from app.services import keys, tenants
from tests.databases import Databases
from tests.fakes import Account, FakeLive, agent_of
from tests.product import product, shared_product, start_product  # noqa: F401  # Fixtures.
from tests.redises import RedisServer

ROOT = Path(__file__).parent.parent

MakeApp = Callable[..., Flask]


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(original: Callable[..., Any]) -> Callable[..., Any]:
        def check(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
                raise PermissionError(f"A test wants to reach {address}.")
            return original(self, address)

        return check

    socket.socket.connect = guarded(connect)  # type: ignore[method-assign]  # For the whole session.
    socket.socket.connect_ex = guarded(connect_ex)  # type: ignore[method-assign]  # Likewise.
    yield
    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex  # type: ignore[method-assign]  # Undone.


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis of our own, on a Unix socket."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    found = Databases(tmp_path_factory.mktemp("databases"))
    yield found
    found.stop()


@pytest.fixture(scope="session")
def make_app(
    databases: Databases, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeApp]:
    """Make an app on a database of its own, with its tables, from changed settings."""
    made: list[Flask] = []

    def make(kind: str = "sqlite", **changes: Any) -> Flask:
        settings = Settings(
            data_dir=str(tmp_path_factory.mktemp("data")),
            database_url=databases.url(kind),
            redis_url=redis_url,
            secret_key="a secret that only tests know",
            jwt_secret="another secret that only tests know",
            # These count per address, and all tests share one.
            rate_failed_auth=0,
            rate_logins=0,
            rate_public=0,
        )
        app = create_app(replace(settings, **changes))
        app.testing = True
        with app.app_context():
            flask_migrate.upgrade(str(ROOT / "migrations"))
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def _apps(make_app: MakeApp) -> Callable[[str], Flask]:
    known: dict[str, Flask] = {}

    def find(kind: str) -> Flask:
        if kind not in known:
            known[kind] = make_app(kind)
        return known[kind]

    return find


@pytest.fixture
def app(request: pytest.FixtureRequest, _apps: Callable[[str], Flask]) -> Flask:
    """The app on SQLite; `on_both_databases` runs a test on PostgreSQL as well.

    One app and database for the whole session: a test finds its own rows by its own tenant.
    """
    return _apps(getattr(request, "param", "sqlite"))


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """An app context, for tests that call services instead of sending requests."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without any credentials."""
    return app.test_client()


@pytest.fixture
def make_account(app: Flask) -> Callable[..., Account]:
    """Make a tenant with a key; keyword arguments are those of `keys.create`."""

    def make(tenant_id: uuid.UUID | None = None, **key: Any) -> Account:
        with app.app_context():
            tenant_id = tenant_id or tenants.create("Acme").id
            row, text = keys.create(tenant_id, "test", **key)
            return Account(tenant_id, text, row.id, agent_of(app, text))

    return make


@pytest.fixture
def tenant(make_account: Callable[..., Account]) -> Account:
    """A new tenant with an unlimited key."""
    return make_account()


@pytest.fixture
def other(make_account: Callable[..., Account]) -> Account:
    """Another tenant, who may see nothing of the first."""
    return make_account()


@pytest.fixture
def agent(tenant: Account) -> FlaskClient:
    """A client that sends the tenant's key."""
    return tenant.agent


@pytest.fixture
def live(app: Flask) -> Iterator[FakeLive]:
    """A live process that took its place in Redis: calls can be placed."""
    fake = FakeLive(app)
    fake.register()
    fake.commands()
    yield fake
    fake.commands()
    fake.leave()


@pytest.fixture
def configure(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings of the running app for one test."""

    def change(**settings: Any) -> None:
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **settings))

    return change


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
