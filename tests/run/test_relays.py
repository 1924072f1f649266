"""A process that is started again when it crashes."""

import multiprocessing
import queue
import signal
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest

from app.run import relays
from app.run.relays import Relay

Told = tuple[list[str], int, int]


@pytest.fixture
def stopping() -> Event:
    return multiprocessing.Event()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, stopping: Event) -> Callable[[str], Told]:
    """Run a command to its last end; returns its output, the number of starts and its code."""
    monkeypatch.setattr(relays, "_PAUSE", 0)
    monkeypatch.setattr(relays, "die_with_parent", lambda *_: None)  # That would be the tests.

    def go(command: str) -> Told:
        events: queue.Queue[Any] = queue.Queue()
        Relay(command, stopping, name="web").run(events)
        told = [events.get_nowait() for _ in range(events.qsize())]
        lines = [
            m.data if isinstance(m.data, str) else m.data.decode() for m in told if m.type == "line"
        ]
        starts = sum(message.type == "start" for message in told)
        assert told[-1].type == "stop"
        return [line.strip() for line in lines], starts, told[-1].data["returncode"]

    return go


def test_one_that_ends_with_0_has_ended(run: Callable[[str], Told]) -> None:
    assert run("echo done") == (["done"], 1, 0)


def test_one_that_fails_at_its_start_has_ended(run: Callable[[str], Told]) -> None:
    assert run("exit 3") == ([], 1, 3)


def test_one_that_is_killed_is_started_again(run: Callable[[str], Told], tmp_path: Path) -> None:
    seen = tmp_path / "seen"

    lines, starts, code = run(f"[ -e {seen} ] && exit 0; touch {seen}; kill -KILL $$")

    assert lines == ["The process web was killed by SIGKILL and is started again"]
    assert (starts, code) == (2, 0)


def test_one_that_fails_after_it_was_up_is_started_again(
    run: Callable[[str], Told], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "_STEADY", 0)
    seen = tmp_path / "seen"

    lines, starts, code = run(f"[ -e {seen} ] && exit 0; touch {seen}; exit 4")

    assert lines == ["The process web ended by itself with code 4 and is started again"]
    assert (starts, code) == (2, 0)


def test_one_that_is_killed_too_often_has_ended(run: Callable[[str], Told]) -> None:
    _, starts, code = run("kill -KILL $$")

    assert (starts, code) == (6, -signal.SIGKILL)


def test_nothing_is_started_again_while_everything_stops(
    run: Callable[[str], Told], stopping: Event
) -> None:
    stopping.set()

    assert run("kill -KILL $$") == ([], 1, -signal.SIGKILL)


def test_children_that_a_killed_process_leaves_are_ended(run: Callable[[str], Told]) -> None:
    # The child holds the output open, and would be waited for.
    lines, starts, code = run("sleep 60 & echo $!; trap '' TERM; kill -KILL $$")

    assert (starts, code) == (6, -signal.SIGKILL)
    assert len([line for line in lines if line.isdigit()]) == 6


def test_one_that_is_started_again_takes_signals(
    run: Callable[[str], Told], tmp_path: Path
) -> None:
    kept = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGTERM,)}
    try:
        assert run("kill -TERM $$; sleep 60")[2] == -signal.SIGTERM
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (-9, "The process live was killed by SIGKILL"),
        (139, "The process live was killed by SIGSEGV"),
        (1, "The process live ended by itself with code 1"),
        (0, "The process live ended by itself with code 0"),
    ],
)
def test_an_end_is_explained(code: int, text: str) -> None:
    assert relays.explain("live", code) == text
