"""API keys: made, shown once, listed, revoked."""

import uuid
from datetime import datetime, timedelta

from flask import g, render_template, request, url_for
from werkzeug.wrappers import Response

from app import ids
from app.dashboard import forms
from app.dashboard.frame import bp
from app.errors import GatewayError, InvalidRequest, NotFound
from app.models import ApiKey
from app.models.columns import now
from app.services import keys

NEW = "dashboard/key_new.html"
REVOKE = "dashboard/key_revoke.html"

# What a key can be limited to, of the parts of the product that are there: (scope, what it opens).
SCOPES = (
    ("calls:read", "See calls, their transcripts and streams"),
    ("calls:write", "Place calls, speak, chat, hang up"),
    ("account:read", "See the account and its platforms"),
    ("manage:read", "List API keys"),
    ("manage:write", "Make and revoke API keys, change the account"),
)
LIFETIMES = (
    (0, "Never"),
    (7, "In 7 days"),
    (30, "In 30 days"),
    (90, "In 90 days"),
    (365, "In a year"),
)
ENVIRONMENTS = ("", "live", "test")


@bp.get("/keys")
def list_keys() -> str:
    """List the keys that open something."""
    return render_template("dashboard/keys.html", keys=keys.of_tenant(g.tenant.id))


@bp.get("/keys/new")
def new_key() -> str:
    """Ask for a new key's name, scopes, environment and end."""
    return render_template(NEW, scopes=SCOPES, lifetimes=LIFETIMES, typed={}, chosen=[])


@bp.post("/keys")
def create_key() -> str | tuple[str, int]:
    """Make a key and show it, this once."""
    chosen = request.form.getlist("scopes")
    try:
        row, key = keys.create(
            g.tenant.id,
            forms.text("name", 80, label="A name"),
            scopes=_scopes(chosen),
            environment=_environment(),
            expires_at=_end(),
        )
    except GatewayError as error:
        return forms.again(NEW, error, scopes=SCOPES, lifetimes=LIFETIMES, chosen=chosen)
    return render_template("dashboard/key_shown.html", row=row, key=key)


@bp.get("/keys/<key_id>/revoke")
def ask_revoke_key(key_id: str) -> str:
    """Ask for the key's name before it is revoked."""
    return render_template(REVOKE, key=_key(key_id))


@bp.post("/keys/<key_id>/revoke")
def revoke_key(key_id: str) -> Response | tuple[str, int]:
    """Make a key worthless."""
    row = _key(key_id)
    try:
        forms.named(row.name)
    except InvalidRequest as error:
        return forms.again(REVOKE, error, key=row)
    keys.revoke(g.tenant.id, row.id)
    return forms.done(f"“{row.name}” is revoked.", url_for("dashboard.list_keys"))


def _key(key_id: str) -> ApiKey:
    wanted: uuid.UUID | None = ids.parse("key", key_id)
    for row in keys.of_tenant(g.tenant.id):
        if row.id == wanted:
            return row
    raise NotFound("There is no such key; perhaps it is revoked already.")


def _scopes(chosen: list[str]) -> list[str]:
    """Read which scopes the form asks for; none stands for all."""
    if request.form.get("access") != "chosen":
        return []
    if not chosen:
        raise InvalidRequest(fields={"scopes": ["Choose at least one."]})
    return chosen


def _environment() -> str | None:
    environment = request.form.get("environment", "")
    if environment not in ENVIRONMENTS:
        raise InvalidRequest(fields={"environment": ["Choose one of the list."]})
    return environment or None


def _end() -> datetime | None:
    days = request.form.get("expires", "0")
    if days not in [str(days) for days, _ in LIFETIMES]:
        raise InvalidRequest(fields={"expires": ["Choose one of the list."]})
    return now() + timedelta(days=int(days)) if int(days) else None
