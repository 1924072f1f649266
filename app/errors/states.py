"""Errors of the moment: 409 and 429."""

from app.errors.base import GatewayError


class Conflict(GatewayError):
    """The resource is not in a state that allows this."""

    code = "conflict"
    status = 409


class CallEnded(Conflict):
    """The call has ended."""

    code = "call_ended"


class CallNotActive(Conflict):
    """The call is not active yet."""

    code = "call_not_active"


class NotRinging(Conflict):
    """The call is not ringing."""

    code = "not_ringing"


class RoomEnded(Conflict):
    """The room has ended."""

    code = "room_ended"


class RoomFull(Conflict):
    """The room is full."""

    code = "room_full"


class PlatformNotConnected(Conflict):
    """No account of this platform is connected; add one under Platforms."""

    code = "platform_not_connected"


class PlatformGated(Conflict):
    """This platform is switched off here."""

    code = "platform_gated"


class IdempotencyConflict(Conflict):
    """A request with this Idempotency-Key is still running."""

    code = "idempotency_conflict"
    retryable = True


class EmailTaken(Conflict):
    """There is already an account with this e-mail address."""

    code = "email_taken"


class Limited(GatewayError):
    """Too many requests."""

    status = 429
    code = "rate_limited"
    retryable = True


class RateLimited(Limited):
    """Too many requests; wait and try again."""


class TooManyCalls(Limited):
    """The limit of concurrent calls is reached."""

    code = "too_many_calls"


class TooManyStreams(Limited):
    """The call has as many streams as it may have."""

    code = "too_many_streams"
