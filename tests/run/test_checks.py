"""What the operator is told before anything starts."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.config import Settings
from app.run import checks
from app.run.checks import CannotStart


class Disk(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_the_defaults_are_fine() -> None:
    checks.values(Settings())


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 0},
        {"port": 70_000},
        {"host": "::1"},
        {"web_concurrency": 0},
        {"live_processes": 0},
        {"log_level": "LOUD"},
        {"public_url": "patchbay.example.com"},
        {"bootstrap_api_key": "short"},
        {"bootstrap_api_key": "with a space in it"},
    ],
)
def test_a_value_that_cannot_work_is_a_wrong_setting(wrong: dict[str, Any]) -> None:
    with pytest.raises(CannotStart, match=next(iter(wrong)).upper()) as caught:
        checks.values(Settings(**wrong))

    assert caught.value.exit_code == checks.WRONG_SETTING


def test_a_bracketed_ipv6_host_is_fine() -> None:
    checks.values(Settings(host="[::1]"))


def test_a_free_port_is_free_also_after_the_check(taken: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]

    checks.port(Settings(port=free))
    checks.port(Settings(port=free))


def test_a_taken_port_comes_with_the_next_one_as_advice(taken: int) -> None:
    with pytest.raises(CannotStart, match=f"port {taken} .* PORT={taken + 1}"):
        checks.port(Settings(port=taken))


def test_a_host_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(*_arguments: Any, **_options: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr("socket.getaddrinfo", find_nothing)

    with pytest.raises(CannotStart, match="no address called 'nowhere'"):
        checks.port(Settings(host="nowhere"))


def test_an_address_of_another_machine_is_a_wrong_setting() -> None:
    # 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
    with pytest.raises(CannotStart, match="does not have the address") as caught:
        checks.port(Settings(host="192.0.2.1"))

    assert caught.value.exit_code == checks.WRONG_SETTING


def test_a_full_disk_is_told_in_megabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Disk(10 << 30, 10 << 30, 3 << 20))

    with pytest.raises(CannotStart, match="only 3 MB are free"):
        checks.free_space(tmp_path)


def test_a_database_out_of_reach_is_named_without_its_password(taken: int) -> None:
    url = "postgresql://me:very-secret@127.0.0.1:1/calls"

    with pytest.raises(CannotStart) as caught:
        checks.database(Settings(database_url=url))

    assert "me:***@127.0.0.1:1/calls is out of reach" in str(caught.value)
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["not a url", "frobnicate://x/y"])
def test_an_impossible_database_url_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(CannotStart, match="DATABASE_URL must look like") as caught:
        checks.database(Settings(database_url=url))

    assert caught.value.exit_code == checks.WRONG_SETTING


def test_a_redis_out_of_reach_is_named_without_its_password() -> None:
    url = "redis://:very-secret@127.0.0.1:1/0"

    with pytest.raises(CannotStart) as caught:
        checks.redis_answers(Settings(redis_url=url))

    assert "redis://***@127.0.0.1:1/0 is out of reach" in str(caught.value)
    assert "very-secret" not in str(caught.value)


def test_an_impossible_redis_url_is_a_wrong_setting() -> None:
    with pytest.raises(CannotStart, match="REDIS_URL") as caught:
        checks.redis_answers(Settings(redis_url="http://127.0.0.1"))

    assert caught.value.exit_code == checks.WRONG_SETTING


def test_a_redis_that_answers_is_fine(redis_url: str) -> None:
    checks.redis_answers(Settings(redis_url=redis_url))
