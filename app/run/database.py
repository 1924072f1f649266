"""The database made ready: migrated to the newest version, with a first login in it."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import create_app
from app.config import Settings
from app.errors import InvalidRequest
from app.extensions import db
from app.run.checks import WRONG_SETTING, CannotStart
from app.services import first_start
from app.services.first_start import FirstLogin

_ADVISORY_LOCK = 0x9A7C4BA4  # Any number that is ours: starts on several hosts agree on it.


def prepare(settings: Settings) -> FirstLogin | None:
    """Bring the tables up to date and make the first login where there is none.

    Two starts at once wait for each other. Raises CannotStart.
    """
    app = create_app(settings)
    # Alembic tells of every step; at a start only a failure is news.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with app.app_context(), _file_lock(Path(settings.data_dir)):
        try:
            with _shared_lock():
                _migrate()
                return first_start.bootstrap()
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip()
            raise CannotStart(f"the database cannot be brought up to date.\n{reason}") from error
        except InvalidRequest as error:
            raise CannotStart(_bootstrap_fault(error), WRONG_SETTING) from None
        finally:
            # The processes are started by forking; they must not share these connections.
            db.session.remove()
            db.engine.dispose()


def _migrate() -> None:
    try:
        flask_migrate.upgrade()
    except SystemExit:
        # Flask-Migrate, made for the command line, has logged why and wants to end the process.
        raise CannotStart("the database cannot be brought up to date; see above.") from None


@contextmanager
def _file_lock(folder: Path) -> Iterator[None]:
    with (folder / "migrations.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _shared_lock() -> Iterator[None]:
    """Hold PostgreSQL's lock against starts on other hosts; SQLite has no other hosts."""
    if db.engine.dialect.name != "postgresql":
        yield
        return
    with db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": _ADVISORY_LOCK})
        connection.commit()  # The lock belongs to the connection, no transaction stays open.
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": _ADVISORY_LOCK})


def _bootstrap_fault(error: InvalidRequest) -> str:
    faults = [
        f"BOOTSTRAP_{name.upper()}: {' '.join(texts)}" for name, texts in error.fields.items()
    ]
    return " ".join(faults) or str(error)
