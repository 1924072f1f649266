"""What every page stands in: the two blueprints, their guards and their headers."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, Response, g, redirect, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from app.config import settings
from app.dashboard import session
from app.errors import Unauthorized
from app.models.columns import now
from app.services import tenants

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")  # Needs a signed-in user.
entrance = Blueprint("entrance", __name__)  # Sign-up, login and what else a visitor may see.

THEMES = ("system", "light", "dark")
THEME_COOKIE = "patchbay_theme"
_SAW_EVERY = timedelta(minutes=1)


def configure(app: Flask) -> None:
    """Set how the session cookie travels and how long it lasts."""
    app.config.update(
        SESSION_COOKIE_NAME="patchbay_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=app.config["SETTINGS"].secure,
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        # Requests run beside each other: one that changes nothing must not bring back, with its
        # own older cookie, what another has just taken out of the session.
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,  # As long as the session: a tab left open overnight still works.
    )
    app.after_request(_protect)
    app.jinja_env.globals["csrf_token"] = generate_csrf
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


@bp.before_request
def require_user() -> AnyResponse | None:
    """Send a visitor to the login; note that a user's tenant is in use."""
    user = session.current()
    if user is None:
        if request.method not in ("GET", "HEAD"):
            raise Unauthorized("Your session has ended. Sign in again, then repeat.")
        return redirect(url_for("entrance.login", next=request.full_path.rstrip("?")))
    g.user, g.tenant = user, tenants.get(user.tenant_id)
    session.check_form()
    if g.tenant.last_seen_at is None or now() - g.tenant.last_seen_at > _SAW_EVERY:
        tenants.saw(user.tenant_id)
    return None


@entrance.before_request
def check_entrance() -> None:
    session.check_form()


@bp.after_request
@entrance.after_request
def finish_page(response: Response) -> Response:
    """Keep pages out of caches and give their scripts the CSRF token."""
    response.headers.setdefault("Cache-Control", "no-store")
    return session.show_token(response)


@bp.app_context_processor
def page_values() -> dict[str, Any]:
    """What the templates may use beside what a page gives them. Reads no database."""
    theme = request.cookies.get(THEME_COOKIE)
    return {
        "base": settings().base,
        "me": g.get("user"),
        "tenant": g.get("tenant"),
        "theme": theme if theme in THEMES else "system",
    }


def _protect(response: Response) -> Response:
    """Add the headers that fence a page in; a view that needs others has set its own."""
    policy = (
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
        f"form-action 'self'; img-src 'self' data:; connect-src 'self' {settings().ws_base}"
    )
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # Not no-referrer: under that one browsers send our own forms with `Origin: null`.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault(
        "Permissions-Policy", "camera=(), geolocation=(), payment=(), microphone=(self)"
    )
    return response
