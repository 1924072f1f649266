"""What the gateway dialect's tests share."""

import pytest


@pytest.fixture
def call(agent, live):
    """A call that was just placed, as its reply shows it."""
    return agent.post("/api/call", json={"platform": "room"}).json
