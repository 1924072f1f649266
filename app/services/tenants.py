"""Tenants: made at sign-up or at the first start."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select, update

from app.config import settings
from app.errors import NotFound
from app.extensions import db, transaction
from app.models import Tenant
from app.models.columns import now

DEFAULT_CONFIG = {
    "reply_timeout_s": 60,
    "reply_timeout_text": "Sorry, I could not answer in time. Please try again.",
}


def create(name: str) -> Tenant:
    """Make a tenant with the limits of this install."""
    with transaction():
        tenant = Tenant(
            name=name,
            config=dict(DEFAULT_CONFIG),
            max_concurrent_calls=settings().max_calls_per_tenant,
            last_seq=0,
        )
        db.session.add(tenant)
        db.session.flush()  # Users and keys of the same transaction need the id.
    return tenant


def get(tenant_id: uuid.UUID) -> Tenant:
    tenant = db.session.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound
    return tenant


def configure(tenant: Tenant, *, name: str | None = None, **config: object) -> Tenant:
    """Change a tenant's name or single keys of its configuration."""
    with transaction():
        if name is not None:
            tenant.name = name
        tenant.config = {**tenant.config, **config}
    return tenant


def saw(tenant_id: uuid.UUID) -> None:
    """Note that a tenant is using the product; writes at most once a minute."""
    at = now()
    minute = at.replace(second=0, microsecond=0)
    last = db.session.scalar(select(Tenant.last_seen_at).where(Tenant.id == tenant_id))
    if last is not None and last >= minute:
        return
    with transaction():
        seen = update(Tenant).where(Tenant.id == tenant_id)
        db.session.execute(seen.values(last_seen_at=at))


def first() -> Tenant | None:
    """The tenant that the first start made."""
    return db.session.scalar(select(Tenant).order_by(Tenant.created_at, Tenant.id).limit(1))


def every() -> Sequence[Tenant]:
    """All tenants, the oldest first."""
    return db.session.scalars(select(Tenant).order_by(Tenant.created_at, Tenant.id)).all()
