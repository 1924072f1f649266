"""The 20 ms schedule, kept, caught up with, and left out."""

import time

import pytest

from app.live.clock import PERIOD, Clock


def test_ticks_are_due_at_absolute_times() -> None:
    clock = Clock()
    first = clock.due

    for _ in range(3):
        clock.end(clock.begin())

    assert clock.due == pytest.approx(first + 3 * PERIOD, abs=1e-6)
    assert clock.skipped == 0


def test_a_short_stall_is_caught_up_and_a_long_one_is_left_out() -> None:
    clock = Clock()

    clock.due = time.monotonic() - 0.2
    clock.begin()
    behind = clock.left()
    clock.due = time.monotonic() - 2
    clock.begin()

    assert behind < -0.1
    assert clock.skipped >= 99
    assert clock.left() > 0


def test_nothing_is_late_before_the_first_tick() -> None:
    assert Clock().summary() == dict.fromkeys(("late_p50", "late_p99", "work_p50", "work_p99"), 0.0)


def test_the_summary_has_the_lateness_and_work_of_the_latest_ticks() -> None:
    clock = Clock()
    for _ in range(10):
        clock.due = time.monotonic() - 0.1
        clock.end(clock.begin() - 0.004)

    summary = clock.summary()

    assert summary["late_p50"] >= 100
    assert summary["work_p99"] >= 4
    assert clock.latency()["p50"] >= 114
