"""People who sign in: accounts, passwords, sessions."""

import logging
import uuid

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import EmailTaken, InvalidRequest, NotFound, Unauthorized
from app.extensions import db, transaction
from app.models import User
from app.models.columns import now
from app.services import tenants

logger = logging.getLogger(__name__)

# argon2id with the library's defaults (RFC 9106, low-memory profile): some 50 ms of one core.
_hasher = PasswordHasher()
# Checked when there is no such user, so that an unknown address takes as long as a wrong password.
_DECOY = _hasher.hash("no such user")

MIN_PASSWORD = 10


def sign_up(email: str, password: str, *, name: str = "", tenant_name: str = "") -> User:
    """Make a user with a tenant of their own. Raises InvalidRequest, EmailTaken."""
    email = email.strip().lower()
    check_password(password)
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or len(email) > 255:
        raise InvalidRequest(fields={"email": ["This is not an e-mail address."]})
    password_hash = _hasher.hash(password)
    try:
        with transaction():
            tenant = tenants.create(tenant_name.strip()[:100] or email.partition("@")[0][:100])
            user = User(
                tenant_id=tenant.id, email=email, name=name.strip(), password_hash=password_hash
            )
            db.session.add(user)
    except IntegrityError:
        raise EmailTaken from None
    return user


def authenticate(email: str, password: str) -> User:
    """Return the user with this address and password. Raises Unauthorized."""
    query = select(User).where(User.email == email.strip().lower())
    user: User | None = db.session.scalar(query)
    if not _matches(user.password_hash if user else _DECOY, password) or user is None:
        raise Unauthorized("E-mail address or password is wrong.")
    with transaction():
        user.last_login_at = now()
        if _hasher.check_needs_rehash(user.password_hash):
            user.password_hash = _hasher.hash(password)
    return user


def of_session(user_id: uuid.UUID, epoch: int) -> User | None:
    """The user of a session cookie; None once the password has been changed since."""
    user = db.session.get(User, user_id)
    return user if user is not None and user.session_epoch == epoch else None


def rename(user: User, name: str) -> None:
    """Set the name a user is greeted with; empty stands for their e-mail address."""
    with transaction():
        user.name = name


def change_password(user: User, current: str, new: str) -> None:
    """Set a new password and end all other sessions. Raises InvalidRequest."""
    if not _matches(user.password_hash, current):
        raise InvalidRequest(fields={"current_password": ["This is not your current password."]})
    set_password(user, new)


def find(email: str) -> User:
    """The user with this address. Raises NotFound."""
    user: User | None = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        raise NotFound("There is no user with this address.")
    return user


def set_password(user: User, new: str) -> None:
    """Set a new password and end all sessions, with no old one asked for. Raises InvalidRequest."""
    check_password(new)
    password_hash = _hasher.hash(new)
    with transaction():
        user.password_hash = password_hash
        user.session_epoch += 1


def check_password(password: str) -> None:
    """Raise InvalidRequest for a password that is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= 256:
        text = f"Use {MIN_PASSWORD} to 256 characters."
        raise InvalidRequest(fields={"password": [text]})


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
