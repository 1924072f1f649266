"""What the operator reads when the product is up."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.config import Settings
from app.run import greeting
from app.services.first_start import FirstLogin
from tests.waiting import until

LOGIN = FirstLogin("me@example.com", "the password", "chmd_the_key")


class Health(http.server.BaseHTTPRequestHandler):
    """A product whose health the test decides."""

    status = 200

    def do_GET(self) -> None:  # The standard library's name.
        body = json.dumps({"live": "No live process is running."}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield Settings(port=server.server_address[1])
        server.shutdown()


def test_the_box_is_as_wide_as_its_longest_line() -> None:
    assert greeting.box(["a", "bcd"]) == "┌─────┐\n│ a   │\n│ bcd │\n└─────┘"


def test_a_first_start_shows_the_login_and_says_that_it_is_shown_once() -> None:
    text = "\n".join(greeting.lines(Settings(port=9000), LOGIN))

    assert "http://127.0.0.1:9000/" in text
    assert "me@example.com" in text
    assert "the password" in text
    assert "PATCHBAY_KEY=chmd_the_key" in text
    assert "shown once" in text


def test_a_later_start_shows_no_login() -> None:
    text = "\n".join(greeting.lines(Settings(), None))

    assert "Password" not in text
    assert "PATCHBAY_KEY=<your API key>" in text


def test_secrets_the_operator_chose_are_not_repeated() -> None:
    text = "\n".join(greeting.lines(Settings(), FirstLogin("me@example.com", None, None)))

    assert "as set in BOOTSTRAP_PASSWORD" in text
    assert "as set in BOOTSTRAP_API_KEY" in text


def test_an_install_for_everybody_is_told_of_its_public_url() -> None:
    assert "PUBLIC_URL" in greeting.lines(Settings(host="0.0.0.0"), None)[-1]


def test_the_greeting_comes_when_the_product_is_healthy(
    product: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    greeter = greeting.Greeter(product, LOGIN)
    printed: list[str] = []

    greeter.start()
    until(lambda: "Patchbay is running." in _collect(printed, capsys))
    greeter.last_call()

    assert _collect(printed, capsys).count("the password") == 1


def test_an_unhealthy_product_is_told_with_its_reason(
    product: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Health, "status", 503)
    monkeypatch.setattr(greeting, "_PATIENCE", 0)
    greeter = greeting.Greeter(product, None)
    printed: list[str] = []

    greeter.start()
    until(lambda: "No live process is running." in _collect(printed, capsys))
    greeter.last_call()

    assert "Patchbay is running." not in _collect(printed, capsys)


def test_a_first_login_is_printed_even_when_the_product_never_comes_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    greeting.Greeter(Settings(), LOGIN).last_call()

    assert "chmd_the_key" in capsys.readouterr().out


def test_a_product_that_does_not_answer_is_not_healthy() -> None:
    assert greeting.health(Settings(port=1)) == (False, "[Errno 111] Connection refused")


def _collect(printed: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    printed.append(capsys.readouterr().out)
    return "".join(printed)
