"""Who asks, and what they may do: API keys, or the session cookie of the dashboard."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, request, session
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from app.api import limits
from app.api.limits import Limit
from app.config import settings
from app.errors import CSRFFailed, InsufficientScope, Unauthorized
from app.models import User
from app.models.api_key import Environment
from app.services import keys, tenants, users

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
ALL_SCOPES = frozenset(keys.SCOPES)

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Caller:
    """Whoever a request comes from: an API key, or a person signed in to the dashboard."""

    tenant_id: uuid.UUID
    key_id: uuid.UUID | None
    user_id: uuid.UUID | None
    scopes: frozenset[str]
    test: bool

    @property
    def sees_test(self) -> bool | None:
        """Which rows it sees: test ones (True), live ones (False), or both (None)."""
        return None if self.key_id is None else self.test

    def require(self, scope: str) -> None:
        """Raise InsufficientScope unless the caller has this scope."""
        if scope not in self.scopes:
            raise InsufficientScope(f"The key lacks the scope {scope}.")


def guarded(name: str, import_name: str, *, scope: str, prefix: str = "") -> Blueprint:
    """Make a blueprint whose every request is authenticated into `g.caller`.

    GET and HEAD need the scope `<scope>:read`, everything else `<scope>:write`.
    """
    bp = Blueprint(name, import_name, url_prefix=prefix or None)
    bp.before_request(partial(_admit, scope))
    return bp


def needs(scope: str) -> Callable[[View], View]:
    """Ask a view's callers for another scope than its blueprint's; named without `:read`."""

    def decorate(view: View) -> View:
        view.scope = scope  # type: ignore[attr-defined]  # Read by the blueprint's guard.
        return view

    return decorate


def authenticate(*, query_key: bool = False) -> Caller:
    """Return the caller of this request; `query_key` also takes a key from `?api_key=`.

    Raises Unauthorized, CSRFFailed, or RateLimited for an address that fails too often.
    """
    presented = _presented(query_key)
    if not presented:
        return _of_session()
    if len(presented) > 1:
        raise _failed("The request carries two different keys.")
    row = keys.identify(presented.pop())
    if row is None:
        raise _failed("The API key is not valid.")
    keys.used(row)
    scopes = frozenset(row.scopes) or ALL_SCOPES
    return Caller(row.tenant_id, row.id, None, scopes, row.environment == Environment.TEST)


def _admit(scope: str) -> None:
    caller = authenticate()
    view = current_app.view_functions[request.endpoint or ""]
    _spend(caller, getattr(view, "limit", None))
    kind = "read" if request.method in SAFE_METHODS else "write"
    caller.require(f"{getattr(view, 'scope', scope)}:{kind}")
    g.caller = caller


def _presented(query_key: bool) -> set[str]:
    found = {request.headers.get("X-API-Key", "").strip()}
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found.add(value.strip())
    if query_key:
        found.add(request.args.get("api_key", ""))
    return found - {""}


def _of_session() -> Caller:
    user = _signed_in()
    if user is None:
        raise _failed("Send an API key: X-API-Key, or Authorization: Bearer.")
    if request.method not in SAFE_METHODS:
        check_csrf()
    tenants.saw(user.tenant_id)
    return Caller(user.tenant_id, None, user.id, ALL_SCOPES, test=False)


def _signed_in() -> User | None:
    """The user whom the dashboard wrote into the session cookie at sign-in."""
    try:
        user_id, epoch = uuid.UUID(session["user"]), int(session["epoch"])
    except (KeyError, TypeError, ValueError):
        return None
    return users.of_session(user_id, epoch)


def check_csrf() -> None:
    """Raise CSRFFailed unless the session's token came in the header, from our own pages."""
    origin = request.headers.get("Origin")
    base = urlsplit(settings().base)
    # Under another of our names than the public one a page may still talk to its own host.
    ours = f"{base.scheme}://{base.netloc}", request.host_url.rstrip("/")
    if origin is not None and origin not in ours:
        raise CSRFFailed("The request comes from another origin.")
    try:
        validate_csrf(request.headers.get("X-CSRF-Token"))
    except ValidationError:
        raise CSRFFailed from None


def _failed(message: str) -> Unauthorized:
    """Count a failure against the caller's address. Raises RateLimited above the limit."""
    address = request.remote_addr or "unknown"
    limits.spend([Limit("failed_auth", address, settings().rate_failed_auth)])
    return Unauthorized(message)


def _spend(caller: Caller, extra: str | None) -> None:
    owner = str(caller.key_id or caller.user_id)
    spent = [Limit("rate_requests", owner, settings().rate_requests)]
    if extra:
        spent.append(Limit(extra, owner, getattr(settings(), extra)))
    limits.spend(spent)
