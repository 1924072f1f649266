"""Processes that live and die together."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.run import processes
from app.run.processes import Ensemble
from tests.waiting import until

SLEEP = "exec sleep 60"
# Says when it got the order to stop, and stops.
_WAIT = "echo {0} is up >> {1}; while :; do sleep 0.02; done"
OBEDIENT = "trap 'echo {0} was told >> {1}; exit 0' TERM; " + _WAIT
STUBBORN = "trap '' TERM; " + _WAIT


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    path = tmp_path / "diary"
    path.touch()
    return path


@pytest.fixture
def ensemble(tmp_path: Path) -> Callable[..., Ensemble]:
    """Make an ensemble from commands by name; it ends when `stop_when` comes true."""

    def make(commands: dict[str, str], stop_when: Callable[[], bool] | None = None) -> Ensemble:
        def watch() -> None:
            until(stop_when or (lambda: False))
            signal.raise_signal(signal.SIGTERM)

        def started() -> None:
            if stop_when is not None:
                threading.Thread(target=watch, daemon=True).start()

        found = Ensemble(tmp_path / "pids.json", started)
        for name, command in commands.items():
            found.add_process(name, command)
        return found

    return make


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_redis_is_told_when_the_others_are_gone(
    ensemble: Callable[..., Ensemble], diary: Path
) -> None:
    names = ("redis", "web", "live")
    commands = {name: OBEDIENT.format(name, diary) for name in names}

    found = ensemble(commands, lambda: diary.read_text().count("is up") == 3)
    found.loop()

    assert found.first_gone is None
    assert diary.read_text().splitlines()[-1] == "redis was told"
    assert diary.read_text().count("was told") == 3


def test_one_that_dies_ends_the_others_and_is_named(ensemble: Callable[..., Ensemble]) -> None:
    found = ensemble({"redis": SLEEP, "web": "exit 3", "live": SLEEP})

    found.loop()

    assert found.first_gone == ("web", 3)


def test_one_that_does_not_listen_is_told_again_and_then_killed(
    ensemble: Callable[..., Ensemble], diary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = ((0.0, signal.SIGTERM), (0.1, signal.SIGTERM), (0.2, signal.SIGKILL))
    monkeypatch.setattr(processes, "_STEPS", steps)
    commands = {"redis": OBEDIENT.format("redis", diary), "web": STUBBORN.format("web", diary)}

    found = ensemble(commands, lambda: diary.read_text().count("is up") == 2)
    found.loop()

    assert found.first_gone is None
    assert diary.read_text().splitlines()[-1] == "redis was told"


def test_the_running_processes_are_written_down(
    ensemble: Callable[..., Ensemble], tmp_path: Path
) -> None:
    pids = tmp_path / "pids.json"
    seen: dict[str, int] = {}

    def note() -> bool:
        if pids.exists():
            seen.update(json.loads(pids.read_text()))
        return "live" in seen

    ensemble({"live": SLEEP}, note).loop()

    assert set(seen) == {"run", "live"}
    assert not psutil.pid_exists(seen["live"])


def test_letting_go_ends_them_all(tmp_path: Path, diary: Path) -> None:
    script = f"""
from pathlib import Path
from app.run.processes import Ensemble
found = Ensemble(Path({str(tmp_path / "pids.json")!r}), lambda: 1 / 0)
found.add_process("live", "echo $$ > {diary}; exec sleep 60")
try:
    found.loop()
except ZeroDivisionError:
    while not Path({str(diary)!r}).read_text():
        pass
    found.abandon()
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=20)

    until(lambda: not psutil.pid_exists(int(diary.read_text())))


def test_the_procfile_names_the_four_processes() -> None:
    procfile = Path(__file__).parents[2] / "Procfile"

    commands = processes.commands(procfile)

    assert list(commands) == ["redis", "live", "web", "worker"]
    assert all(command.startswith("exec ") for command in commands.values())
