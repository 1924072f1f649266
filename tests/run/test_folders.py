"""The data folder and the folder of sockets."""

import os
import socket
from pathlib import Path

import pytest

from app.config import Settings
from app.run import folders
from app.run.checks import CannotStart

DEEP = "d" * 90


def test_a_folder_is_held_by_one_start_at_a_time(tmp_path: Path) -> None:
    with (
        folders.held(tmp_path / "data", "process 7, http://here"),
        pytest.raises(CannotStart, match="process 7, http://here"),
        folders.held(tmp_path / "data", "process 8"),
    ):
        pytest.fail("Two starts hold one folder.")


def test_a_folder_that_was_let_go_can_be_held_again(tmp_path: Path) -> None:
    for text in ("a long description of the first start", "the second"):
        with folders.held(tmp_path, text):
            assert (tmp_path / "patchbay.lock").read_text() == text


def test_sockets_lie_under_the_data_folder_and_are_removed(tmp_path: Path) -> None:
    short = Path("/tmp") / f"pb-{os.getpid()}"
    short.mkdir()
    try:
        with folders.sockets(short) as run:
            assert run == (short / "run").resolve()
            assert run.stat().st_mode & 0o777 == 0o700
            (run / "redis.sock").touch()

        assert not (short / "run").exists()
    finally:
        short.rmdir()


def test_a_deep_data_folder_gets_a_short_one_for_its_sockets(tmp_path: Path) -> None:
    data_dir = tmp_path / DEEP
    data_dir.mkdir()

    with folders.sockets(data_dir) as run, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(run / "redis.sock"))
        assert (data_dir / "run" / "redis.sock").is_socket()
        assert Settings(data_dir=str(data_dir)).run_dir == run
        assert len(Settings(data_dir=str(data_dir)).live_socket("x" * 36)) <= 103

    assert not run.exists()
    assert not (data_dir / "run").is_symlink()


def test_what_a_killed_start_left_is_removed(tmp_path: Path) -> None:
    data_dir = tmp_path / DEEP
    data_dir.mkdir()
    left = folders.sockets(data_dir)
    left_run = left.__enter__()
    (left_run / "redis.sock").touch()

    with folders.sockets(data_dir) as run:
        assert run != left_run
        assert not left_run.exists()
        assert list(run.iterdir()) == []


def test_a_link_to_a_folder_that_is_not_ours_is_removed_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (tmp_path / "run").symlink_to(theirs)

    with folders.sockets(tmp_path):
        assert theirs.exists()


def test_sockets_without_any_short_folder_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_PATH_LIMIT", 10)

    with pytest.raises(CannotStart, match="TMPDIR"), folders.sockets(tmp_path):
        pytest.fail("There is no such folder.")
