"""Server-Sent Events."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import bus
from app.dashboard import stream
from app.extensions import db


def test_a_message_is_one_block_whatever_its_text() -> None:
    text = stream.message("entry", "<p>\n\nid: 3</p>", 7)

    assert text == 'id: 7\nevent: entry\ndata: "<p>\\n\\nid: 3</p>"\n\n'


@pytest.mark.parametrize(
    ("header", "query", "seen"),
    [("12", "3", 12), ("", "3", 3), ("x", "3", 3), ("", "-1", 0), ("", "²", 0), ("9" * 30, "", 0)],
)
def test_the_position_is_read_with_care(app: Flask, header: str, query: str, seen: int) -> None:
    with app.test_request_context(f"/?after={query}", headers={"Last-Event-ID": header}):
        assert stream.last_seen() == seen


def test_a_stream_ends_so_that_the_browser_comes_back(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "IDLE", 0.02)
    monkeypatch.setattr(stream, "LIFETIME", 0.1)

    assert list(stream.news("events")) == [None]


def test_no_database_connection_is_held_while_waiting(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    def listen(*_channels: str, **_options: float) -> Iterator[None]:
        for _ in range(3):
            held.append(db.session().in_transaction())
            yield None

    monkeypatch.setattr(bus.Bus, "listen", lambda self, *names, **options: listen(*names))
    monkeypatch.setattr(stream, "_BEAT", 0)
    waiting = stream.news("events")

    for _ in range(3):
        next(waiting)
        db.session.execute(db.text("SELECT 1"))

    assert held == [False, False, False]
