"""Turns whatever a request raised into one of our errors, so that dialects see no other."""

import logging

from flask import g
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from app.bus import BusDown
from app.errors import (
    BodyTooLarge,
    Forbidden,
    GatewayError,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
)

logger = logging.getLogger(__name__)

_BY_STATUS: dict[int, type[GatewayError]] = {
    error.status: error
    for error in (
        InvalidRequest,
        Unauthorized,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        BodyTooLarge,
        UnsupportedMediaType,
        Unavailable,
    )
}


def normalise(error: Exception) -> GatewayError:
    """Return the error as one of ours; what nobody foresaw is logged and its text hidden."""
    if isinstance(error, GatewayError):
        known = error
    elif isinstance(error, ValidationError):
        known = InvalidRequest("The request is not valid.", fields=_flat(error.messages))
    elif isinstance(error, HTTPException):
        known = _from_http(error)
    elif isinstance(error, BusDown):
        known = Unavailable("Redis does not answer.", retry_after=2)
    else:
        known = InternalError()
    if known.status == InternalError.status:
        # The one place where a traceback is logged; the log handler redacts secrets in it.
        fields = {"request_id": g.get("request_id"), "code": known.code}
        logger.error("A request failed", exc_info=error, extra=fields)
    return known


def _from_http(error: HTTPException) -> GatewayError:
    status = error.code or InternalError.status
    if status >= InternalError.status:
        return _BY_STATUS.get(status, InternalError)()
    # A status without an error of its own is still the client's mistake.
    return _BY_STATUS.get(status, InvalidRequest)()


def _flat(messages: object, path: str = "") -> dict[str, list[str]]:
    """Flatten marshmallow's nested messages: {"metadata": {"a": {"value": [...]}}} -> metadata.a.

    >>> _flat({"text": ["Missing."], "attachments": {0: {"url": ["Bad."]}}})
    {'text': ['Missing.'], 'attachments.0.url': ['Bad.']}
    """
    if not isinstance(messages, dict):
        texts = messages if isinstance(messages, list) else [messages]
        return {path or "body": [str(text) for text in texts]}
    found: dict[str, list[str]] = {}
    for name, inner in messages.items():
        # marshmallow's words for "the value of this key" and "the object itself" are no names.
        silent = name in ("key", "value", "_schema")
        inner_path = path if silent else f"{path}.{name}" if path else str(name)
        for where, texts in _flat(inner, inner_path).items():
            found.setdefault(where, []).extend(texts)
    return found
