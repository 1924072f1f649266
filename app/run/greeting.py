"""What the operator reads when the product is up."""

import http.client
import json
import threading
import time

from app.config import Settings
from app.services.first_start import FirstLogin

_PATIENCE = 60  # Seconds after which we say what keeps the product from being healthy.
_BETWEEN = 0.1
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}


class Greeter:
    """Waits beside the processes until the product is healthy, then greets.

    The first login is told once: `last_call` tells it when the greeting never came.
    """

    def __init__(self, settings: Settings, login: FirstLogin | None) -> None:
        self._settings = settings
        self._login = login
        self._stop = threading.Event()
        self._told = threading.Event()
        self._thread = threading.Thread(target=self._wait_and_greet, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def last_call(self) -> None:
        """Stop waiting; print a first login that nobody has seen yet."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5)
        if self._login is not None and not self._told.is_set():
            print(box(_login_lines(self._login)), flush=True)

    def _wait_and_greet(self) -> None:
        complain_at = time.monotonic() + _PATIENCE
        while not self._stop.is_set():
            healthy, answer = health(self._settings)
            if healthy:
                self._told.set()
                print(box(lines(self._settings, self._login)), flush=True)
                return
            if time.monotonic() > complain_at:
                print(f"Patchbay is not healthy yet: {answer}", flush=True)
                complain_at += _PATIENCE
            self._stop.wait(_BETWEEN)


def health(settings: Settings) -> tuple[bool, str]:
    """Ask the product how it is; returns whether it is well, and its answer."""
    host = _WILDCARDS.get(settings.host, settings.host).strip("[]")
    connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", "/health")
        reply = connection.getresponse()
        return reply.status == 200, _shorten(reply.read())
    except (OSError, http.client.HTTPException) as error:
        return False, str(error) or type(error).__name__
    finally:
        connection.close()


def lines(settings: Settings, login: FirstLogin | None) -> list[str]:
    """What the box says: where to go, how to get in, and what to try next."""
    key = (login and login.api_key) or "<your API key>"
    found = ["Patchbay is running.", "", f"Dashboard   {settings.base}/"]
    if login is not None:
        found += _login_lines(login)
        if login.password or login.api_key:
            found += ["", "This is shown once; write it down."]
    found += [
        "",
        "Next: sign in, or let an agent into a room:",
        f"  PATCHBAY_URL={settings.base} PATCHBAY_KEY={key} \\",
        "    .venv/bin/python examples/echo_agent.py",
        "Ctrl-C stops everything.",
    ]
    if settings.host in _WILDCARDS and not settings.public_url:
        found += ["", "Other machines need PUBLIC_URL set to the address they use."]
    return found


def box(texts: list[str]) -> str:
    """Draw a frame around lines."""
    width = max(map(len, texts))
    rows = [f"│ {text.ljust(width)} │" for text in texts]
    return "\n".join([f"┌{'─' * (width + 2)}┐", *rows, f"└{'─' * (width + 2)}┘"])


def _login_lines(login: FirstLogin) -> list[str]:
    return [
        f"Login       {login.email}",
        f"Password    {login.password or 'as set in BOOTSTRAP_PASSWORD'}",
        f"API key     {login.api_key or 'as set in BOOTSTRAP_API_KEY'}",
    ]


def _shorten(body: bytes) -> str:
    text = body.decode(errors="replace")
    try:
        text = json.dumps(json.loads(text))
    except ValueError:
        text = " ".join(text.split())
    return text[:300]
