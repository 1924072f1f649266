"""Settings from the environment, each with its default and its meaning."""

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from flask import current_app


@dataclass(frozen=True)
class Settings:
    """One field per environment variable of the same name in capitals."""

    # Where things are.
    data_dir: str = "data"  # Database, sockets, secrets, recordings and logs of this install.
    host: str = "127.0.0.1"  # Address the web server listens on.
    port: int = 8080
    public_url: str = ""  # Base of every URL we hand out; default http://{host}:{port}.
    database_url: str = ""  # Default: SQLite under data_dir.
    redis_url: str = ""  # Default: the embedded server's Unix socket under data_dir.

    # Secrets; made once and kept under data_dir when absent.
    secret_key: str = ""
    jwt_secret: str = ""
    jwt_issuer: str = "patchbay"

    # Processes.
    web_concurrency: int = 1  # gunicorn workers.
    live_processes: int = 1  # Engines on this host; each carries whole rooms.
    live_host: str = ""  # Name of this host for hand-overs; default: the host name.
    live_pipe_host: str = "127.0.0.1"  # Address on which other hosts reach our engines.
    live_pipe_port: int = 0  # 0: any free port, told to others through Redis.
    live_capacity: int = 1000  # Sockets per engine; above it new rooms are refused.
    log_level: str = "INFO"
    trusted_proxies: int = 0  # Proxies in front whose X-Forwarded-* headers count.
    # Other sites whose pages may open participants' sockets: scheme://host[:port] with commas
    # between; `*` stands for one label of the name, or for any port.
    allowed_origin_patterns: str = ""

    # First start.
    bootstrap_api_key: str = ""
    bootstrap_email: str = ""
    bootstrap_password: str = ""
    signup_open: bool = True  # Whether anybody may make an account of their own.

    # Limits; all per minute unless the name says otherwise. 0 switches one off.
    rate_requests: int = 600
    rate_calls: int = 30
    rate_sends: int = 120
    rate_failed_auth: int = 30
    rate_logins: int = 10
    rate_public: int = 20
    max_calls_per_tenant: int = 20
    max_streams_per_call: int = 8

    # Timers of a call, in seconds.
    connect_timeout: float = 60
    ring_timeout: float = 60
    alone_timeout: float = 300
    room_empty_timeout: float = 1800
    idle_timeout: float = 900
    max_call_duration: float = 14_400
    goaway_notice: float = 60
    away_timeout: float = 15
    lease_ttl: float = 8  # A live process silent for this long is taken as dead.
    event_retention_days: int = 30
    idempotency_hours: int = 24

    @property
    def base(self) -> str:
        """The public base URL, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def ws_base(self) -> str:
        return "ws" + self.base.removeprefix("http")

    @property
    def secure(self) -> bool:
        return self.base.startswith("https:")

    @property
    def sqlalchemy_url(self) -> str:
        """The database address in SQLAlchemy's words; psycopg 3 is the PostgreSQL driver."""
        if not self.database_url:
            return f"sqlite:///{Path(self.data_dir).resolve() / 'patchbay.db'}"
        for scheme in ("postgres://", "postgresql://"):
            if self.database_url.startswith(scheme):
                return "postgresql+psycopg://" + self.database_url.removeprefix(scheme)
        return self.database_url

    @property
    def redis_address(self) -> str:
        """REDIS_URL, or the Unix socket of the server that `make run` starts."""
        return self.redis_url or f"unix://{self.run_dir / 'redis.sock'}"

    @property
    def run_dir(self) -> Path:
        """Folder of the Unix sockets: `run` under data_dir, maybe a link to a shorter path."""
        return (Path(self.data_dir) / "run").resolve()

    @property
    def host_name(self) -> str:
        return self.live_host or socket.gethostname()

    def live_socket(self, live_id: str) -> str:
        """The Unix socket on which an engine of this host takes sockets over."""
        return str(self.run_dir / f"live-{live_id}.sock")


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read every setting once; unknown variables are ignored.

    Raises ValueError for a value of the wrong type. Missing secrets are made and kept.
    """
    environ = os.environ if environ is None else environ
    given: dict[str, Any] = {}
    for field in fields(Settings):
        text = environ.get(field.name.upper())
        if text is not None and text != "":
            given[field.name] = _parse(field.name, cast(type, field.type), text)
    given |= overrides
    for name in ("secret_key", "jwt_secret"):
        if not given.get(name):
            given[name] = _kept_secret(Path(given.get("data_dir", Settings.data_dir)), name)
    if len(given["jwt_secret"]) < 32:
        raise ValueError("JWT_SECRET must have at least 32 characters.")
    return Settings(**given)


def settings() -> Settings:
    """The settings of the running app."""
    return cast(Settings, current_app.config["SETTINGS"])


def child_environment(programs: Path, **changes: str) -> dict[str, str]:
    """The environment for a process we start: ours, `programs` first on its PATH, with changes."""
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path, **changes}


def _parse(name: str, kind: type, text: str) -> Any:
    if kind is bool:
        if text.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise ValueError(f"{name.upper()} must be true or false, not {text!r}.")
        return text.lower() in ("1", "true", "yes")
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{name.upper()} must be a {kind.__name__}, not {text!r}.") from None


def _kept_secret(folder: Path, name: str) -> str:
    """Read a secret from the data folder, or make it; two processes at once agree on one."""
    path = folder / "secrets" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass  # Made at an earlier start, or a moment ago by a process started beside us.
    for _ in range(100):
        if text := path.read_text().strip():
            return text
    raise ValueError(f"The secret in {path.name} is empty; remove the file and start again.")
