"""Login and logout."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.config import settings
from app.dashboard import forms, session, throttle
from app.dashboard.frame import THEME_COOKIE, THEMES, entrance
from app.errors import GatewayError
from app.services import users

PAGE = "dashboard/login.html"


@entrance.get("/")
def front() -> Response:
    """Lead on to the dashboard; who is not signed in gets from there to the login."""
    return redirect(url_for("dashboard.home"))


@entrance.get("/login")
def login() -> str | Response:
    """Show the login form."""
    if session.current() is not None:
        return redirect(session.wanted(url_for("dashboard.home")))
    return render_template(PAGE, **_values())


@entrance.post("/login")
def log_in() -> Response | tuple[str, int]:
    """Sign a user in and go on to the page they wanted."""
    email = request.form.get("email", "")
    try:
        throttle.admit(request.remote_addr or "", email)
        user = users.authenticate(email, request.form.get("password", ""))
    except GatewayError as error:
        return forms.again(PAGE, error, **_values())
    goal = session.wanted(url_for("dashboard.home"))
    session.begin(user)
    return redirect(goal, 303)


@entrance.post("/logout")
def log_out() -> Response:
    """End the session in this browser."""
    session.end()
    return redirect(url_for("entrance.login"), 303)


@entrance.post("/theme")
def set_theme() -> Response:
    """Remember in a cookie whether pages are light, dark or as the system is."""
    theme = request.form.get("theme", "")
    response = redirect(session.wanted(url_for("dashboard.home")), 303)
    if theme in THEMES:
        year = 365 * 24 * 3600
        response.set_cookie(
            THEME_COOKIE, theme, max_age=year, samesite="Lax", secure=settings().secure
        )
    return response


def _values() -> dict[str, object]:
    return {"next": session.wanted(""), "signup_open": settings().signup_open}
