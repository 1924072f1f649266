"""API keys: made, shown once, recognised, revoked."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from app import bus, tokens
from app.errors import InvalidRequest, NotFound
from app.extensions import after_commit, db, transaction
from app.models import ApiKey, Tenant
from app.models.api_key import Environment
from app.models.columns import now

PREFIXES = {None: "chmd_", "live": "sk_live_", "test": "sk_test_", "rooms": "chalk_"}
SCOPES = (
    "calls:read", "calls:write", "inbox:read", "inbox:write", "files:read", "files:write",
    "account:read", "manage:read", "manage:write", "tenant:read", "tenant:write", "rooms:read",
    "rooms:write", "recordings:read", "recordings:write", "recordings:delete",
    "transcripts:read", "transcripts:write",
)  # fmt: skip  # One dialect's scopes beside each other read better than one per line.


def create(
    tenant_id: uuid.UUID,
    name: str,
    *,
    scopes: Sequence[str] = (),
    environment: str | None = None,
    expires_at: datetime | None = None,
    key: str | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; returns its row and the key itself, which is not kept.

    No scopes means all. `key` sets the key's text, for the first start. Raises InvalidRequest.
    """
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise InvalidRequest(fields={"scopes": [f"Unknown scope: {scope}." for scope in unknown]})
    if expires_at is not None and expires_at <= now():
        raise InvalidRequest(fields={"expires_at": ["Must be in the future."]})
    prefix = PREFIXES[environment]
    key = key or tokens.new_api_key(prefix)
    with transaction():
        row = ApiKey(
            tenant_id=tenant_id,
            name=name,
            prefix=prefix if key.startswith(prefix) else key[:4],
            last_four=key[-4:],
            key_hash=tokens.digest(key),
            environment=Environment.TEST if environment == "test" else Environment.LIVE,
            scopes=list(scopes),
            expires_at=expires_at,
        )
        db.session.add(row)
    return row, key


def of_tenant(tenant_id: uuid.UUID, *, only_test: bool = False) -> Sequence[ApiKey]:
    """A tenant's keys that still open something, newest first; only its test keys, if asked."""
    query = select(ApiKey).where(ApiKey.tenant_id == tenant_id, ApiKey.revoked_at.is_(None))
    if only_test:
        query = query.where(ApiKey.environment == Environment.TEST)
    rows = db.session.scalars(query.order_by(ApiKey.created_at.desc(), ApiKey.id.desc())).all()
    return [row for row in rows if row.is_live(now())]


@dataclass(frozen=True)
class Identity:
    """What a request has to know of the key it came with."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    scopes: list[str]  # Empty: all of them.
    environment: str
    last_used_at: datetime | None
    expires_at: datetime | None


# Asked with every request, so it is built once and sent without the session's bookkeeping.
_LIVE_KEY = (
    select(*(getattr(ApiKey, field.name) for field in fields(Identity)))
    .join(Tenant)
    .where(ApiKey.key_hash == bindparam("hash"), ApiKey.revoked_at.is_(None), Tenant.is_active)
)


def identify(key: str) -> Identity | None:
    """Recognise a live key of an active tenant; None when the key opens nothing."""
    found = db.session.connection().execute(_LIVE_KEY, {"hash": tokens.digest(key)}).one_or_none()
    if found is None:
        return None
    identity = Identity(*found)
    expired = identity.expires_at is not None and identity.expires_at <= now()
    return None if expired else identity


def used(key: Identity) -> None:
    """Note that a key and so its tenant is in use; writes at most once a minute."""
    at = now()
    if key.last_used_at is not None and at - key.last_used_at < timedelta(minutes=1):
        return
    with transaction():
        db.session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=at))
        db.session.execute(update(Tenant).where(Tenant.id == key.tenant_id).values(last_seen_at=at))


def revoke(tenant_id: uuid.UUID, key_id: uuid.UUID | None, *, only_test: bool = False) -> None:
    """Make a key worthless at once; open sockets that came in with it are closed.

    Raises NotFound for a key that is not there, is another tenant's or is revoked already, and for
    a live key if only test keys may be touched.
    """
    theirs = ApiKey.id == key_id, ApiKey.tenant_id == tenant_id, ApiKey.revoked_at.is_(None)
    gone = update(ApiKey).where(*theirs).values(revoked_at=now())
    if only_test:
        gone = gone.where(ApiKey.environment == Environment.TEST)
    with transaction():
        revoked = db.session.execute(gone.returning(ApiKey.id)).scalar_one_or_none()
        if revoked is None:
            raise NotFound("There is no such key.")
        after_commit(lambda: bus.current().publish("revoked", str(revoked)))


def revoked_among(key_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these keys open nothing any more."""
    rows = db.session.scalars(
        select(ApiKey).where(ApiKey.id.in_(key_ids)).execution_options(populate_existing=True)
    ).all()
    live = {row.id for row in rows if row.is_live(now())}
    return set(key_ids) - live
