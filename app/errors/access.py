"""Errors of who asks and for what: 401, 403, 404, 410."""

from app.errors.base import GatewayError


class Unauthorized(GatewayError):
    """A valid API key is needed."""

    code = "unauthorized"
    status = 401


class Forbidden(GatewayError):
    """You may not do this."""

    code = "forbidden"
    status = 403


class InsufficientScope(Forbidden):
    """The key lacks the scope this needs."""

    code = "insufficient_scope"


class CSRFFailed(Forbidden):
    """The request does not carry the session's CSRF token."""

    code = "csrf_failed"


class OriginNotAllowed(Forbidden):
    """This origin may not connect."""

    code = "origin_not_allowed"


class NotFound(GatewayError):
    """There is nothing at this address."""

    code = "not_found"
    status = 404


class CallNotFound(NotFound):
    """There is no such call."""

    code = "call_not_found"


class RoomNotFound(NotFound):
    """There is no such room."""

    code = "room_not_found"


class ParticipantNotFound(NotFound):
    """There is no such participant."""

    code = "participant_not_found"


class Gone(GatewayError):
    """This is no longer here."""

    code = "gone"
    status = 410
