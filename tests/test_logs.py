"""Log lines: fields, and no secrets."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from app import logs

GUEST = "jt_" + "g" * 43
KEY = "chmd_" + "k" * 43
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged, with the logging of the test run put back afterwards."""
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure("INFO")
    yield stream
    root.handlers[:], _ = kept
    root.setLevel(kept[1])
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"GET /api/call/x/stream?api_key={KEY}&last_seq=3", "api_key=[redacted]&last_seq=3"),
        ("GET /api/v1/ws?token=abc123 failed", "token=[redacted] failed"),
        (f"GET /join/{GUEST} HTTP/1.1", "/join/jt_[redacted] HTTP"),
        ("{'Authorization': 'Bearer abc.def'}", "'Authorization': '[redacted]'"),
        ("Authorization: Basic dXNlcjpwYXNz, Accept: */*", "Authorization: [redacted], Accept"),
        (f"the header was Bearer {JWT}", "Bearer [redacted]"),
        (f"token {JWT} is bad", "token eyJ[redacted] is bad"),
        (f"unknown key {KEY}.", "chmd_[redacted]."),
        ("postgresql://me:hunter2@db/calls", "postgresql://me:[redacted]@db/calls"),
    ],
)
def test_secrets_are_blacked_out_wherever_they_stand(text: str, shown: str) -> None:
    assert shown in logs.blacken(text)


@pytest.mark.parametrize(
    "text",
    [
        "A call was placed",
        "call_01JD0000000000000000000000 ended",
        "http://127.0.0.1:8080/join/ is open",
        "The token is too old",
        "GET /api/calls?state=active&limit=50",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert logs.blacken(text) == text


def test_a_line_has_level_text_and_fields(said: io.StringIO) -> None:
    logging.getLogger("app.services.calls").warning("A call broke", extra={"call": "call_1"})

    assert "warning" in said.getvalue()
    assert "A call broke" in said.getvalue()
    assert "app.services.calls" in said.getvalue()
    assert "call=call_1" in said.getvalue()


def test_structlog_lines_look_the_same(said: io.StringIO) -> None:
    structlog.get_logger("app.live").info("A room is ready", room="r1")

    assert "A room is ready" in said.getvalue()
    assert "room=r1" in said.getvalue()


def test_fields_with_secret_names_and_tracebacks_are_blacked_out(said: io.StringIO) -> None:
    try:
        raise ValueError(f"bad key {KEY}")
    except ValueError:
        logging.getLogger("app").exception("It failed", extra={"password": "hunter2"})

    assert "ValueError: bad key chmd_[redacted]" in said.getvalue()
    assert "hunter2" not in said.getvalue()


def test_lines_below_the_level_are_not_written(said: io.StringIO) -> None:
    logging.getLogger("app").debug("Too much")
    logging.getLogger("httpx").info("GET everything")

    assert said.getvalue() == ""
