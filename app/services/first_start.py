"""The first tenant, login and API key of an install."""

import secrets
from dataclasses import dataclass

from app.config import settings
from app.extensions import transaction
from app.services import keys, tenants, users

DEFAULT_EMAIL = "admin@localhost"


@dataclass(frozen=True)
class FirstLogin:
    """What the operator must be told once. A secret is None when the operator chose it."""

    email: str
    password: str | None
    api_key: str | None


def bootstrap() -> FirstLogin | None:
    """Make the first tenant with its user and key; None when there is a tenant already.

    BOOTSTRAP_EMAIL, BOOTSTRAP_PASSWORD and BOOTSTRAP_API_KEY are used where they are set. Raises
    InvalidRequest for an address or a password that cannot be used.
    """
    given = settings()
    email = given.bootstrap_email or DEFAULT_EMAIL
    password = given.bootstrap_password or secrets.token_urlsafe(12)
    with transaction():
        if tenants.first() is not None:
            return None
        user = users.sign_up(email, password)
        _, key = keys.create(user.tenant_id, "First key", key=given.bootstrap_api_key or None)
    return FirstLogin(
        email=user.email,
        password=None if given.bootstrap_password else password,
        api_key=None if given.bootstrap_api_key else key,
    )
