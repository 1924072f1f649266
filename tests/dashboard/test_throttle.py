"""The throttle before logins."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from app.dashboard import throttle
from app.errors import RateLimited
from tests.dashboard.conftest import Person


@pytest.fixture
def address() -> str:
    return f"2001:db8::{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}"


@pytest.fixture(autouse=True)
def _three_a_minute(configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    configure(rate_logins=3)
    # A window that ends in the middle of a test would begin to count anew.
    monkeypatch.setattr(throttle.time, "time", lambda: 1_800_000_030.0)


def test_the_fourth_attempt_on_an_account_waits(context: Flask, address: str) -> None:
    for _ in range(3):
        throttle.admit(address, f"ada@{address}")

    with pytest.raises(RateLimited) as refused:
        throttle.admit(address, f" ADA@{address} ")

    assert 0 < (refused.value.retry_after or 0) <= 60


def test_an_office_may_sign_in_to_several_accounts(context: Flask, address: str) -> None:
    for number in range(9):
        throttle.admit(address, f"{number}@{address}")

    with pytest.raises(RateLimited):
        throttle.admit(address, f"10@{address}")


def test_one_account_is_not_guessed_from_everywhere(context: Flask, address: str) -> None:
    for number in range(30):
        throttle.admit(f"{address}/{number}", f"ada@{address}")

    with pytest.raises(RateLimited):
        throttle.admit(f"{address}/31", f"ada@{address}")


def test_zero_switches_it_off(context: Flask, address: str, configure: Callable[..., None]) -> None:
    configure(rate_logins=0)

    for _ in range(10):
        throttle.admit(address, "ada")


def test_without_redis_everybody_passes(
    context: Flask, address: str, configure: Callable[..., None]
) -> None:
    configure(redis_url="unix:///nowhere/redis.sock")

    for _ in range(10):
        throttle.admit(address, "ada")


def test_the_login_page_tells_how_long_to_wait(visitor: Person, address: str) -> None:
    visitor.client.environ_base["REMOTE_ADDR"] = address
    for _ in range(3):
        visitor.sign_in("wrong")

    page = visitor.sign_in()

    assert page.status_code == 429
    assert "Too many attempts. Try again in" in page.text
