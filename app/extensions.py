"""The database session, migrations and WebSocket routes; transactions and what follows them."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from flask_migrate import Migrate
from flask_sock import Sock
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase

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
        "busy_timeout=10000",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        writing = db.session().info.get("writing") if db.session.registry.has() else False
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
