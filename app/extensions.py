"""The database session, migrations and WebSocket routes; transactions and what follows them."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, cast

from flask_migrate import Migrate
from flask_sock import Sock
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, Insert, MetaData, Table, event, insert, inspect
from sqlalchemy.orm import DeclarativeBase, make_transient_to_detached

logger = logging.getLogger(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


# Rows stay readable after a commit: views render them when the transaction is over.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate()
sock = Sock()

# SQLite has one writer. Waiting for it inside the driver would stop every greenlet of the
# process, the one that holds the write lock included, so they queue here instead.
_sqlite_writer = threading.RLock()
_SQLITE_PATIENCE = 10  # Seconds to wait for another process that writes.
_SQLITE_PAUSE = 0.001  # Seconds between two looks.


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what the block does, or nothing of it; afterwards run what `after_commit` was given.

    Blocks may nest: the outermost one commits. On SQLite the write lock is taken at the start,
    so that no read inside goes stale before the write.
    """
    session = db.session()
    if session.info.get("writing"):
        yield
        return
    followers: list[Callable[[], Any]] = []
    sqlite = db.engine.dialect.name == "sqlite"
    with _sqlite_writer if sqlite else nullcontext():
        session.commit()  # Ends the read that authentication began; SQLite cannot upgrade it.
        session.info.update(writing=True, followers=followers)
        try:
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.clear()
    for follow in followers:
        _run(follow)


def store(row: Base) -> None:
    """Insert a new row at once; later changes to it are flushed like any other's.

    Skips the session's unit of work, which for single rows costs several times the statement.
    """
    values = {}
    for name, column in _columns(type(row)):
        if name not in row.__dict__:
            setattr(row, name, _default(column))
        values[column.name] = row.__dict__[name]
    db.session.connection().execute(_insertion(type(row)), values)
    make_transient_to_detached(row)
    db.session.add(row)


@cache
def _columns(model: type[Base]) -> list[tuple[str, Any]]:
    """A model's attributes and their columns."""
    return [(each.key, each.columns[0]) for each in inspect(model).column_attrs]


@cache
def _insertion(model: type[Base]) -> Insert:
    return insert(cast(Table, model.__table__))


def _default(column: Any) -> Any:
    if column.default is None:
        return None
    return column.default.arg(None) if column.default.is_callable else column.default.arg


def after_commit(follow: Callable[[], Any]) -> None:
    """Run a function once the transaction has committed; at once if there is none.

    A failure is logged and does not undo what was committed.
    """
    followers = db.session().info.get("followers")
    if followers is None:
        _run(follow)
    else:
        followers.append(follow)


def _run(follow: Callable[[], Any]) -> None:
    try:
        follow()
    except Exception:
        logger.exception("What follows a commit failed")


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if type(connection).__module__ != "sqlite3":
        return
    connection.isolation_level = None  # We say BEGIN ourselves, below.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        f"busy_timeout={_SQLITE_PATIENCE * 1000}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    if connection.dialect.name != "sqlite":
        return
    if db.session.registry.has() and db.session().info.get("writing"):
        _lock_sqlite(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _lock_sqlite(connection: Any) -> None:
    """Begin a transaction that may write, when no other process does.

    The driver's own waiting sleeps up to 100 ms at a time with all greenlets of the process, and
    so comes last whenever somebody else writes without a break.
    """
    driver = connection.connection.driver_connection
    deadline = time.monotonic() + _SQLITE_PATIENCE
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while not _locked(driver):
            if time.monotonic() > deadline:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # Raises what the caller expects.
                return
            time.sleep(_SQLITE_PAUSE)
    finally:
        driver.execute(f"PRAGMA busy_timeout={_SQLITE_PATIENCE * 1000}")


def _locked(driver: sqlite3.Connection) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True
