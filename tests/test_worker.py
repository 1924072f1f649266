"""The job worker as a process, with a Redis that comes and goes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from rq import Queue

from app.config import Settings, child_environment
from app.run import folders, redis_server
from tests.waiting import until

ROOT = Path(__file__).parent.parent

Serve = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with folders.sockets(tmp_path):
        yield Settings(data_dir=str(tmp_path))


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    """Start the Redis of the test's own install; several times, if need be."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        server = subprocess.Popen([redis_server.find(), redis_server.write_config(settings)])
        started.append(server)
        until(lambda: "eady to accept" in redis_server.last_words(settings))
        return server

    yield start
    for server in started:
        server.terminate()
        server.wait()


@pytest.fixture
def worker(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    environment = child_environment(
        Path(sys.executable).parent, DATA_DIR=settings.data_dir, DATABASE_URL="", REDIS_URL=""
    )
    found = subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, env=environment)
    yield found
    if found.poll() is None:
        found.kill()
    found.wait()


def test_it_waits_for_redis_outlives_a_restart_and_stops_when_told(
    worker: "subprocess.Popen[bytes]", serve: Serve, settings: Settings
) -> None:
    with redis.Redis.from_url(settings.redis_address) as client:
        queue = Queue("patchbay-default", connection=client)

        server = serve()
        first = queue.enqueue("os.getpid", result_ttl=60)
        until(lambda: first.get_status(refresh=True) == "finished")
        server.terminate()
        server.wait()
        serve()
        second = queue.enqueue("os.getpid", result_ttl=60)
        until(lambda: second.get_status(refresh=True) == "finished")

    worker.terminate()
    assert worker.wait(10) == 0


def test_it_can_be_told_to_stop_while_there_is_no_redis(
    worker: "subprocess.Popen[bytes]", serve: Serve, settings: Settings
) -> None:
    server = serve()
    with redis.Redis.from_url(settings.redis_address) as client:
        until(lambda: client.scard("rq:workers") == 1)
    server.kill()
    server.wait()

    worker.terminate()

    assert worker.wait(10) == 0


def test_a_second_signal_ends_the_job_at_hand(
    worker: "subprocess.Popen[bytes]", serve: Serve, settings: Settings
) -> None:
    serve()
    with redis.Redis.from_url(settings.redis_address) as client:
        job = Queue("patchbay-default", connection=client).enqueue("time.sleep", 60)
        until(lambda: job.get_status(refresh=True) == "started")

    worker.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(1.2)  # RQ takes a second signal within a second for an echo of the first.
    os.kill(worker.pid, signal.SIGTERM)

    worker.wait(10)
