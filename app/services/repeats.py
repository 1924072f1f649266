"""Repeated requests: who was first with an idempotency key, and what the answer was."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from app import ids, tokens
from app.config import settings
from app.errors import IdempotencyConflict, IdempotencyMismatch
from app.extensions import db, transaction
from app.models import IdempotencyRecord as Record
from app.models.columns import now

# A request that has not answered for so long died with its process; its key may be tried again.
_DEAD_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Reply:
    """What the first request was answered."""

    status: int
    body: str


def begin(tenant_id: uuid.UUID, key: str, fingerprint: str, *, test: bool) -> uuid.UUID | Reply:
    """Claim a key; returns the turn that `store` or `forget` ends, or the first one's reply.

    Raises IdempotencyMismatch for another request, IdempotencyConflict while the first one runs.
    """
    turn = ids.new()
    try:
        with transaction():
            _clear(tenant_id, key, test)
            db.session.add(
                Record(id=turn, tenant_id=tenant_id, test=test, key=key, fingerprint=fingerprint)
            )
    except IntegrityError:
        return _earlier(tenant_id, key, fingerprint, test)
    return turn


def store(turn: uuid.UUID, status: int, body: str) -> None:
    """Keep the reply; it is encrypted, for it may hold a new key."""
    with transaction():
        done = update(Record).where(Record.id == turn)
        db.session.execute(done.values(status=status, body=tokens.encrypt(body)))


def forget(turn: uuid.UUID) -> None:
    """Free the key of a request that changed nothing."""
    with transaction():
        db.session.execute(delete(Record).where(Record.id == turn))


def sweep() -> None:
    """Forget the replies that nobody may ask for any more."""
    with transaction():
        horizon = now() - timedelta(hours=settings().idempotency_hours)
        db.session.execute(delete(Record).where(Record.created_at < horizon))


def _clear(tenant_id: uuid.UUID, key: str, test: bool) -> None:
    """Remove an earlier use of the key that is too old, or that never answered."""
    at = now()
    too_old = Record.created_at < at - timedelta(hours=settings().idempotency_hours)
    died = Record.status.is_(None) & (Record.created_at < at - _DEAD_AFTER)
    mine = Record.tenant_id == tenant_id, Record.key == key, Record.test == test
    db.session.execute(delete(Record).where(*mine, or_(too_old, died)))


def _earlier(tenant_id: uuid.UUID, key: str, fingerprint: str, test: bool) -> Reply:
    query = select(Record).where(
        Record.tenant_id == tenant_id, Record.key == key, Record.test == test
    )
    record = db.session.scalar(query)
    if record is None:  # Freed since: the first request has just failed.
        raise IdempotencyConflict(retry_after=1)
    if record.fingerprint != fingerprint:
        raise IdempotencyMismatch
    if record.status is None or record.body is None:
        raise IdempotencyConflict(retry_after=1)
    return Reply(record.status, tokens.decrypt(record.body))
