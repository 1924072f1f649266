"""Rate limits, through the front door."""

import pytest

from app.api import limits
from tests.databases import on_both_databases
from tests.fakes import at_once


@pytest.fixture(autouse=True)
def _one_window(monkeypatch):
    """Hold the clock in the middle of a minute, and forget that Redis was ever silent."""
    monkeypatch.setattr("app.api.limits.time.time", lambda: 1_800_000_030.0)
    monkeypatch.setattr(limits, "_redis", limits._Redis())


def left(reply):
    return [reply.headers.get(f"X-RateLimit-{name}") for name in ("Limit", "Remaining", "Reset")]


def test_requests_are_counted_per_key_and_told(agent, other, configure):
    configure(rate_requests=2)

    replies = [agent.get("/api/calls") for _ in range(3)]

    assert [left(reply) for reply in replies] == [
        ["2", "1", "1800000060"],
        ["2", "0", "1800000060"],
        ["2", "0", "1800000060"],
    ]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert replies[2].json["error"]["code"] == "rate_limited"
    assert replies[2].json["error"]["retryable"] is True
    assert replies[2].headers["Retry-After"] == "30"
    assert other.agent.get("/api/calls").status_code == 200


def test_the_next_minute_counts_anew(agent, configure, monkeypatch):
    configure(rate_requests=1)
    agent.get("/api/calls")
    monkeypatch.setattr("app.api.limits.time.time", lambda: 1_800_000_060.0)

    assert agent.get("/api/calls").status_code == 200


def test_placing_calls_has_a_limit_of_its_own(agent, configure, live):
    configure(rate_calls=1)
    agent.post("/api/call", json={"platform": "room"})

    reply = agent.post("/api/call", json={"platform": "room"})

    assert (reply.status_code, left(reply)[:2]) == (429, ["1", "0"])
    assert agent.get("/api/calls").status_code == 200


def test_sending_has_a_limit_of_its_own(agent, configure, live):
    configure(rate_sends=2)
    call = agent.post("/api/call", json={"platform": "room"}).json["call_id"]

    statuses = [agent.post(f"/api/call/{call}/{name}", json={"text": "Hi"}).status_code
                for name in ("say", "chat", "chat")]  # fmt: skip

    assert statuses == [400, 409, 429]


@on_both_databases
def test_of_many_at_once_the_limit_lets_through_what_it_says(app, tenant, configure):
    configure(rate_requests=5)

    outcomes = at_once(*[lambda: tenant.agent.get("/api/calls").status_code] * 8)

    assert sorted(outcomes) == [200] * 5 + [429] * 3


def test_an_address_that_fails_too_often_is_held_off(client, tenant, configure):
    configure(rate_failed_auth=2)
    client.environ_base["REMOTE_ADDR"] = "127.0.0.77"

    statuses = [client.get("/api/calls").status_code for _ in range(3)]

    assert statuses == [401, 401, 429]
    assert client.get("/api/calls", headers={"X-API-Key": tenant.key}).status_code == 200


def test_a_limit_of_zero_is_off_and_asks_redis_nothing(agent, configure):
    configure(rate_requests=0, redis_url="unix:///nowhere/redis.sock")

    reply = agent.get("/api/calls")

    assert (reply.status_code, left(reply)) == (200, [None, None, None])


def test_without_redis_everything_passes_and_one_line_says_so(agent, configure, caplog):
    configure(rate_requests=1, redis_url="unix:///nowhere/redis.sock")

    statuses = [agent.get("/api/calls").status_code for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert caplog.text.count("Limits are off for now") == 1


def test_after_a_pause_redis_is_asked_again(app, configure, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("app.api.limits.time.monotonic", lambda: clock[0])
    counter = limits._Redis()
    settings = app.config["SETTINGS"]
    with app.app_context():
        configure(redis_url="unix:///nowhere/redis.sock")
        assert counter.count(["a"]) is None
        configure(redis_url=settings.redis_url)
        assert counter.count(["a"]) is None

        clock[0] += 1.5

        assert counter.count(["a"]) == [1]
