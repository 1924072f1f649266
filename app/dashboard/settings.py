"""Settings: the user's name, the workspace's name, and the password."""

from flask import g, render_template, request, url_for
from werkzeug.wrappers import Response

from app.dashboard import forms, session, throttle
from app.dashboard.frame import bp
from app.errors import GatewayError
from app.services import tenants, users

PAGE = "dashboard/settings.html"


@bp.get("/settings")
def settings() -> str:
    """Show what can be changed."""
    return render_template(PAGE)


@bp.post("/settings/profile")
def change_profile() -> Response | tuple[str, int]:
    """Change the names of the user and of the workspace."""
    try:
        name = forms.text("name", 100, least=0, label="Your name")
        workspace = forms.text("workspace", 100, label="The workspace's name")
    except GatewayError as error:
        return forms.again(PAGE, error)
    users.rename(g.user, name)
    tenants.configure(g.tenant, name=workspace)
    return forms.done("Saved.", url_for("dashboard.settings"))


@bp.post("/settings/password")
def change_password() -> Response | tuple[str, int]:
    """Set a new password; every other session of the user ends."""
    try:
        throttle.admit(request.remote_addr or "", g.user.email)
        given = request.form.get("current_password", ""), request.form.get("password", "")
        users.change_password(g.user, *given)
    except GatewayError as error:
        return forms.again(PAGE, error)
    session.begin(g.user)
    done = "Your password is changed. Everywhere else you are signed out."
    return forms.done(done, url_for("dashboard.settings"))
