"""The database made ready at a start."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from app.config import Settings
from app.run import database
from app.run.checks import WRONG_SETTING, CannotStart
from tests.databases import Databases

SECRETS = {"secret_key": "s" * 32, "jwt_secret": "j" * 32}


def settings(folder: Path, **more: str) -> Settings:
    return Settings(data_dir=str(folder), **SECRETS, **more)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_the_first_login_is_made_once(kind: str, tmp_path: Path, databases: Databases) -> None:
    given = settings(tmp_path, database_url=databases.url(kind))

    first, again = database.prepare(given), database.prepare(given)

    assert first is not None
    assert first.email == "admin@localhost"
    assert first.api_key is not None
    assert first.api_key.startswith("chmd_")
    assert again is None


def test_two_starts_at_once_make_one_login(tmp_path: Path) -> None:
    given = settings(tmp_path)

    with ThreadPoolExecutor(2) as pool:
        logins = list(pool.map(database.prepare, [given, given]))

    assert [login is None for login in logins].count(False) == 1


def test_a_bad_first_password_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="BOOTSTRAP_PASSWORD: Use 10 to") as caught:
        database.prepare(settings(tmp_path, bootstrap_password="short"))

    assert caught.value.exit_code == WRONG_SETTING


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    given = settings(tmp_path)
    database.prepare(given)
    with closing(sqlite3.connect(tmp_path / "patchbay.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(CannotStart, match="cannot be brought up to date"):
        database.prepare(given)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "patchbay.db").write_text("This is a shopping list. " * 100)

    with pytest.raises(CannotStart, match="not a database"):
        database.prepare(settings(tmp_path))
