"""The data folder: made ready, held by one start at a time, cleaned at the end."""

import fcntl
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.run.checks import CannotStart

# sun_path has 108 bytes on Linux and 104 on macOS (unix(7)), one of them for the final zero.
_PATH_LIMIT = 103 if sys.platform == "darwin" else 107
_LONGEST_NAME = 48  # "live-", a UUID and ".sock", with room to spare.


@contextmanager
def held(data_dir: Path, description: str) -> Iterator[None]:
    """Hold a data folder, which is made when it is not there, against a second start.

    `description` is what the other start is told. Raises CannotStart.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "patchbay.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CannotStart(
                f"it runs already on the data folder {data_dir}: {file.read().strip()}.\n"
                "Stop that one first, or give this one a DATA_DIR and a PORT of its own."
            ) from None
        file.truncate(0)
        file.write(description)
        file.flush()
        yield


@contextmanager
def sockets(data_dir: Path) -> Iterator[Path]:
    """Make the folder for Unix sockets and remove at the end what is in it.

    Where the path would be too long for a socket's address, `run` is a link to a short folder
    among the temporary files.
    """
    run = data_dir / "run"
    _remove(run)  # What a start left behind that could not end in good order.
    if len(os.fsencode(run.absolute())) + 1 + _LONGEST_NAME > _PATH_LIMIT:
        run.symlink_to(_short_folder())
    else:
        run.mkdir(mode=0o700)
    try:
        yield run.resolve()
    finally:
        _remove(run)


def _short_folder() -> Path:
    for parent in (tempfile.gettempdir(), "/tmp"):
        if len(os.fsencode(parent)) + len("/patchbay-xxxxxxxx/") + _LONGEST_NAME <= _PATH_LIMIT:
            return Path(tempfile.mkdtemp(prefix="patchbay-", dir=parent))
    raise CannotStart("there is no folder whose path is short enough for Unix sockets; set TMPDIR.")


def _remove(run: Path) -> None:
    if run.is_symlink():
        target = run.readlink()
        run.unlink()
        if _is_ours(target):
            shutil.rmtree(target, ignore_errors=True)
    elif run.exists():
        shutil.rmtree(run)


def _is_ours(folder: Path) -> bool:
    # A temporary folder may have gone and its name may belong to somebody else by now.
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and folder.name.startswith("patchbay-")
    )
