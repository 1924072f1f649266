"""`python -m app.run`: the whole product on this machine, until Ctrl-C."""

import os
import resource
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from app import config, logs
from app.config import Settings
from app.run import checks, database, folders, processes, redis_server, relays
from app.run.checks import CannotStart
from app.run.greeting import Greeter

ROOT = Path(__file__).resolve().parents[2]
_FILES = 65_536  # Open files we ask for: a socket each, for callers by the thousand.


def main() -> int:
    """Run the product; returns 0 when it was told to stop, else what it failed with."""
    # Until honcho takes SIGTERM over, it ends the preparations as cleanly as Ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _hang_up)
    try:
        return _prepare_and_run(_load())
    except CannotStart as error:
        print(f"Patchbay cannot start: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"Patchbay cannot start: {error.strerror}: {error.filename}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped before it was up.", file=sys.stderr)
        return 0


def _load() -> Settings:
    try:
        settings = config.load()
    except ValueError as error:
        raise CannotStart(str(error), checks.WRONG_SETTING) from None
    checks.values(settings)
    return settings


def _prepare_and_run(settings: Settings) -> int:
    data_dir = Path(settings.data_dir).resolve()
    logs.configure(settings.log_level)
    with ExitStack() as stack:
        stack.enter_context(folders.held(data_dir, f"process {os.getpid()}, {settings.base}"))
        stack.enter_context(folders.sockets(data_dir))
        checks.free_space(data_dir)
        checks.port(settings)
        checks.database(settings)
        if settings.redis_url:
            checks.redis_answers(settings)
        else:
            redis_server.find()
        print("Preparing the database …", flush=True)
        greeter = Greeter(settings, database.prepare(settings))
        stack.callback(greeter.last_call)
        return _run(settings, data_dir, greeter)


def _run(settings: Settings, data_dir: Path, greeter: Greeter) -> int:
    _raise_file_limit()
    environment = config.child_environment(
        Path(sys.executable).parent,
        DATA_DIR=str(data_dir),
        HOST=settings.host,
        PORT=str(settings.port),
        WEB_CONCURRENCY=str(settings.web_concurrency),
        PYTHONUNBUFFERED="1",
    )
    ensemble = processes.Ensemble(settings.run_dir / "processes.json", greeter.start)
    for name, command in processes.commands(ROOT / "Procfile").items():
        if name != "redis" or not settings.redis_url:
            ensemble.add_process(name, command, env=environment, cwd=str(ROOT))
    try:
        ensemble.loop()
    except BaseException:
        ensemble.abandon()
        raise
    return _verdict(settings, ensemble)


def _verdict(settings: Settings, ensemble: processes.Ensemble) -> int:
    if ensemble.first_gone is None:
        print("Patchbay has stopped.", flush=True)
        return 0
    name, code = ensemble.first_gone
    print(f"{relays.explain(name, code)}, so the others were stopped.", file=sys.stderr)
    if name == "redis":
        print(redis_server.last_words(settings), file=sys.stderr)
    return code if 0 <= code < 256 else 1


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _hang_up(_signal: int, _frame: FrameType | None) -> None:
    """Take a closed terminal as an order to stop."""
    signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
