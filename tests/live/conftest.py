"""An engine to play with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.fakes import Stage
from tests.live.office import _own_apps, app, desk, office, own_redis  # noqa: F401  # Fixtures.


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An engine that only ticks when told to."""
    found = Stage(tmp_path)
    yield found
    found.close()
