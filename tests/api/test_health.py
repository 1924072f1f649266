"""The health check, as a load balancer sees it."""

from tests.databases import on_both_databases


@on_both_databases
def test_everything_in_place_is_healthy(client, live):
    reply = client.get("/health")

    assert reply.status_code == 200
    assert reply.json == {"status": "ok", "database": "ok", "redis": "ok", "live": "ok"}


def test_no_live_process_is_unhealthy_and_says_so(client):
    reply = client.get("/health")

    assert reply.status_code == 503
    assert reply.json["status"] == "unhealthy"
    assert reply.json["live"] == "No live process is running."


def test_a_silent_redis_is_unhealthy_and_says_so(client, configure):
    configure(redis_url="unix:///nowhere/redis.sock")

    reply = client.get("/health")

    assert reply.status_code == 503
    assert reply.json["redis"] == "Redis does not answer."
    assert reply.json["database"] == "ok"
