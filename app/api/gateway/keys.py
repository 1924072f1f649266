"""API keys, managed with a key or from the dashboard."""

from datetime import datetime
from typing import Any

from flask import Response, g

from app import ids
from app.api import auth
from app.api.body import accepts, nothing, returns
from app.api.gateway.schemas import KeyOut, KeysOut, MakeKey
from app.api.idempotency import idempotent
from app.errors import InsufficientScope
from app.models.api_key import Environment
from app.services import keys

bp = auth.guarded("gateway_keys", __name__, scope="manage", prefix="/api/keys")

_key = KeyOut()


@bp.post("")
@idempotent
@accepts(MakeKey)
def create(
    name: str, scopes: list[str] | None, expires_at: datetime | None, environment: str | None
) -> tuple[dict[str, Any], int]:
    """Make a key; the reply is the only place where it is shown."""
    row, key = keys.create(
        g.caller.tenant_id,
        name,
        scopes=_within_own(scopes),
        environment=_as_own(environment),
        expires_at=expires_at,
    )
    return {**_key.dump(row), "key": key}, 201


@bp.get("")
@returns(KeysOut)
def list_() -> dict[str, Any]:
    """List the keys that still open something, the newest first."""
    return {"keys": keys.of_tenant(g.caller.tenant_id, only_test=g.caller.test)}


@bp.delete("/<key_id>")
def revoke(key_id: str) -> Response:
    """Make a key worthless; a key may do that to itself."""
    keys.revoke(g.caller.tenant_id, ids.parse("key", key_id), only_test=g.caller.test)
    return nothing()


def _within_own(scopes: list[str] | None) -> list[str]:
    """The scopes of a new key; the maker cannot give what it does not have itself."""
    own = g.caller.scopes
    if scopes is None:
        return [] if own == auth.ALL_SCOPES else sorted(own)
    for scope in scopes:
        if scope not in own:
            raise InsufficientScope(f"The key that asks lacks the scope {scope} itself.")
    return sorted(set(scopes))


def _as_own(environment: str | None) -> str | None:
    """The environment of a new key; a test key makes test keys only."""
    if not g.caller.test:
        return environment
    if environment == Environment.LIVE:
        raise InsufficientScope("A test key makes test keys only.")
    return Environment.TEST
