"""What must be true before anything starts, and what to tell the operator when it is not."""

import errno
import re
import shutil
import socket
from pathlib import Path

import redis
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from app.config import Settings

WRONG_SETTING = 2
_SPACE_NEEDED = (
    50 * 1024 * 1024
)  # Bytes; below it SQLite and Redis soon fail in the middle of work.
_PATIENCE = 5  # Seconds for a database or a Redis to answer.
_MIN_KEY = 8


class CannotStart(Exception):
    """Something keeps the product from starting; the text is for its operator."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def values(settings: Settings) -> None:
    """Refuse settings that have the right type and cannot work. Raises CannotStart."""
    rules = {
        "PORT must be between 1 and 65535.": 1 <= settings.port <= 65_535,
        "An IPv6 HOST is written in brackets: [::1].": _bracketed(settings.host),
        "WEB_CONCURRENCY must be at least 1.": settings.web_concurrency >= 1,
        "LIVE_PROCESSES must be at least 1.": settings.live_processes >= 1,
        "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.": settings.log_level.upper()
        in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        "PUBLIC_URL must begin with http:// or https://.": settings.public_url == ""
        or settings.public_url.startswith(("http://", "https://")),
        f"BOOTSTRAP_API_KEY must be {_MIN_KEY} or more printable characters without a space.": (
            settings.bootstrap_api_key == ""
            or re.fullmatch(rf"[!-~]{{{_MIN_KEY},255}}", settings.bootstrap_api_key) is not None
        ),
    }
    for text, kept in rules.items():
        if not kept:
            raise CannotStart(text, WRONG_SETTING)


def free_space(folder: Path) -> None:
    """Refuse to start on a disk that is nearly full. Raises CannotStart."""
    free = shutil.disk_usage(folder).free
    if free < _SPACE_NEEDED:
        raise CannotStart(
            f"only {free >> 20} MB are free on the disk of {folder}; "
            f"{_SPACE_NEEDED >> 20} are needed."
        )


def port(settings: Settings) -> None:
    """Find out whether the web server will get its port. Raises CannotStart."""
    host = settings.host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise CannotStart(
            f"there is no address called {host!r}; see HOST.", WRONG_SETTING
        ) from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except PermissionError:
            raise CannotStart(f"port {settings.port} is reserved for root; set PORT.") from None
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                text = f"this machine does not have the address {host}; see HOST."
                raise CannotStart(text, WRONG_SETTING) from None
            raise CannotStart(
                f"port {settings.port} on {host} is not free ({error.strerror}); "
                f"stop what uses it, or choose another: make run PORT={settings.port + 1}"
            ) from None


def database(settings: Settings) -> None:
    """Connect to a database that was named. Raises CannotStart, without the password."""
    if not settings.database_url:
        return
    try:
        url = make_url(settings.sqlalchemy_url)
        postgres = url.get_backend_name() == "postgresql"
        options = {"connect_timeout": _PATIENCE} if postgres else {}
        create_engine(url, connect_args=options).connect().close()
    except (ArgumentError, NoSuchModuleError):
        raise CannotStart(
            "DATABASE_URL must look like postgresql://user:password@host/name "
            "or sqlite:////path/to/file.",
            WRONG_SETTING,
        ) from None
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or "it does not answer").strip()
        shown = url.render_as_string(hide_password=True)
        raise CannotStart(f"the database {shown} is out of reach.\n{reason}") from None


def redis_answers(settings: Settings) -> None:
    """Ping a Redis that was named. Raises CannotStart, without the password."""
    try:
        client = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=_PATIENCE)
    except ValueError as error:
        raise CannotStart(f"REDIS_URL: {error}", WRONG_SETTING) from None
    try:
        client.ping()
    except redis.RedisError as error:
        shown = re.sub(r"//[^/@]*@", "//***@", settings.redis_url)
        raise CannotStart(f"the Redis at {shown} is out of reach.\n{error}") from None
    finally:
        client.close()


def _bracketed(host: str) -> bool:
    return ":" not in host or (host.startswith("[") and host.endswith("]"))
