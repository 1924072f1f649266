"""An engine to play with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.fakes import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An engine that only ticks when told to."""
    found = Stage(tmp_path)
    yield found
    found.close()
