"""Sign-up: an account with a tenant of its own."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.config import settings
from app.dashboard import forms, session, throttle
from app.dashboard.frame import entrance
from app.errors import EmailTaken, Forbidden, GatewayError, InvalidRequest
from app.services import users

PAGE = "dashboard/signup.html"


@entrance.get("/signup")
def signup() -> str | Response:
    """Show the sign-up form, or that this install takes no new accounts."""
    if session.current() is not None:
        return redirect(url_for("dashboard.home"))
    return render_template(PAGE, open=settings().signup_open)


@entrance.post("/signup")
def sign_up() -> Response | tuple[str, int]:
    """Make the account and sign its user in."""
    if not settings().signup_open:
        raise Forbidden("This install takes no new accounts. Ask whoever runs it.")
    try:
        throttle.admit(request.remote_addr or "")
        email = forms.text("email", 255, label="Your e-mail address")
        name = forms.text("name", 100, least=0, label="Your name")
        user = users.sign_up(email, request.form.get("password", ""), name=name)
    except EmailTaken as error:
        return _again(InvalidRequest(fields={"email": [str(error)]}))
    except GatewayError as error:
        return _again(error)
    session.begin(user)
    return redirect(url_for("dashboard.home"), 303)


def _again(error: GatewayError) -> tuple[str, int]:
    return forms.again(PAGE, error, open=True)
