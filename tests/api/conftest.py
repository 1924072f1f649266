"""WebSockets of the dialects."""

from collections.abc import Iterator

import pytest

from tests.api.upgrades import Caller


@pytest.fixture
def caller() -> Iterator[Caller]:
    found = Caller()
    yield found
    found.close()
