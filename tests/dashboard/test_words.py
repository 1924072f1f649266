"""How moments and states read."""

from datetime import UTC, datetime, timedelta

import pytest

from app.dashboard import words
from app.models import Call
from app.models.call import CallState
from app.models.columns import now
from app.models.room import RoomStatus


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (59, "just now"),
        (61, "1 min ago"),
        (3_700, "1 h ago"),
        (90_000, "1 d ago"),
        (86_400 * 40, "1 mo ago"),
        (86_400 * 800, "2 y ago"),
        (-30, "in a moment"),
        (-86_400 * 7, "in 7 d"),
    ],
)
def test_moments_are_told_from_here(seconds: float, text: str) -> None:
    assert words.ago(now() - timedelta(seconds=seconds)) == text


def test_moments_can_be_told_exactly() -> None:
    moment = datetime(2026, 3, 13, 10, 4, 5, tzinfo=UTC)

    assert words.exact(moment) == "13 March 2026, 10:04:05 UTC"
    assert words.iso(moment) == "2026-03-13T10:04:05Z"


def test_every_state_has_its_words() -> None:
    assert {words.call_badge(state).tone for state in CallState} == {"good", "warn", "bad", "quiet"}
    assert all(words.room_badge(status).text for status in RoomStatus)


def test_a_state_or_reason_from_the_future_is_shown_as_it_is() -> None:
    assert words.call_badge("teleported").text == "Teleported"
    assert words.room_badge("locked").text == "Locked"
    assert words.reason("out_of_cable") == "Out of cable"
    assert words.reason(None) == ""


def test_a_call_lasts_from_its_answer_to_its_end() -> None:
    at = now()

    assert words.seconds(Call(answered_at=None)) == 0
    assert words.seconds(Call(answered_at=at, ended_at=at + timedelta(seconds=9))) == 9
