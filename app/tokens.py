"""Everything that proves something: keys, hashes, signed links, JWTs, secrets at rest."""

import base64
import hashlib
import hmac
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.config import settings

ACCESS_SECONDS = 3600


class BadToken(Exception):
    """A token that proves nothing: forged, expired or of another kind."""

    def __init__(self, expired: bool = False) -> None:
        super().__init__("expired" if expired else "invalid")
        self.expired = expired


def digest(secret: str) -> str:
    """SHA-256 in hex: how keys and tokens are stored; they have entropy enough to need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_api_key(prefix: str) -> str:
    """Make a key: the prefix and 43 URL-safe characters from 32 random bytes."""
    return prefix + secrets.token_urlsafe(32)


def join_token(key: uuid.UUID) -> str:
    """The guest-link token of a row: `jt_` and 43 characters.

    Derived from the row's id and our secret, so the link can be shown again though only its hash
    is stored.
    """
    mac = hmac.new(settings().secret_key.encode(), b"join-token:" + key.bytes, hashlib.sha256)
    return "jt_" + base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def encrypt(text: str) -> str:
    """Encrypt a secret for the database (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return _fernet(settings().secret_key).encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    return _fernet(settings().secret_key).decrypt(text.encode()).decode()


def sign(salt: str, value: Any) -> str:
    """Sign a JSON value with the time; `salt` names the purpose."""
    return URLSafeTimedSerializer(settings().secret_key, salt=salt).dumps(value)


def unsign(salt: str, text: str, max_age: float) -> Any:
    """Read what `sign` wrote; raises BadToken when it is forged or older than `max_age` seconds."""
    try:
        return URLSafeTimedSerializer(settings().secret_key, salt=salt).loads(
            text, max_age=int(max_age)
        )
    except BadSignature:
        raise BadToken from None


def issue_access(claims: dict[str, Any]) -> str:
    """Make an access JWT (RFC 7519, HS256) that is valid for an hour."""
    at = datetime.now(UTC)
    frame = {
        "iss": settings().jwt_issuer,
        "iat": at,
        "exp": at + timedelta(seconds=ACCESS_SECONDS),
        "jti": secrets.token_urlsafe(16),
        "type": "access",
    }
    return jwt.encode(frame | claims, settings().jwt_secret, algorithm="HS256")


def read_access(token: str) -> dict[str, Any]:
    """Return the claims of an access JWT; raises BadToken."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            settings().jwt_secret,
            algorithms=["HS256"],
            issuer=settings().jwt_issuer,
            options={"require": ["exp", "iat", "sub", "type"]},
        )
    except jwt.ExpiredSignatureError:
        raise BadToken(expired=True) from None
    except jwt.InvalidTokenError:
        raise BadToken from None
    if claims["type"] != "access":
        raise BadToken
    return claims


@lru_cache(maxsize=4)
def _fernet(secret: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"patchbay secrets at rest")
    return Fernet(base64.urlsafe_b64encode(key.derive(secret.encode())))
