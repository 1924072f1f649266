"""Who is signed in: the session cookie, its CSRF token, and what proves a form is ours."""

import uuid
from urllib.parse import urlsplit

from flask import Response, g, request, session
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from app.config import settings
from app.errors import CSRFFailed
from app.models import User
from app.services import users

CSRF_COOKIE = "patchbay_csrf"


def begin(user: User) -> None:
    """Sign a user in under a fresh session: nothing of the visitor's old one survives."""
    session.clear()
    session.permanent = True
    session["user"] = str(user.id)
    session["epoch"] = user.session_epoch
    g.pop("csrf_token", None)  # Made for the old session.


def end() -> None:
    session.clear()
    g.pop("csrf_token", None)


def current() -> User | None:
    """The user of this request's session cookie; None for a visitor."""
    try:
        user_id, epoch = uuid.UUID(session["user"]), int(session["epoch"])
    except (KeyError, TypeError, ValueError):
        return None
    return users.of_session(user_id, epoch)


def check_form() -> None:
    """Raise CSRFFailed unless a changing request comes from one of our own pages."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin")
    # Whoever opened the dashboard under another of our names than the public one may use it too.
    if origin is not None and origin not in (settings().base, request.host_url.rstrip("/")):
        raise CSRFFailed("The form was sent from another site.")
    token = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token")
    try:
        validate_csrf(token)
    except ValidationError:
        raise CSRFFailed("The page was open for too long. Load it again, then repeat.") from None


def show_token(response: Response) -> Response:
    """Let the page's own scripts read the CSRF token."""
    if session.get("user") is not None:
        response.set_cookie(
            CSRF_COOKIE, generate_csrf(), secure=settings().secure, samesite="Lax", httponly=False
        )
    elif CSRF_COOKIE in request.cookies:
        response.delete_cookie(CSRF_COOKIE)
    return response


def wanted(default: str) -> str:
    """The page of ours that a visitor wanted before signing in; `default` for anything else."""
    target = request.values.get("next", "")
    parts = urlsplit(target)
    ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    printable = target.isprintable() and "\\" not in target
    return target if ours and printable and not parts.netloc else default
