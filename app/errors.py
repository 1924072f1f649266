"""Every error a client can see; the docstring is the default message.

GatewayError
├─ InvalidRequest 400 ─ InvalidJSON, InvalidMeetingURL, InvalidState, PlatformUnsupported, …
├─ Unauthorized 401
├─ Forbidden 403 ─ InsufficientScope, CSRFFailed, OriginNotAllowed
├─ NotFound 404 ─ CallNotFound, RoomNotFound, ParticipantNotFound, …
├─ MethodNotAllowed 405
├─ Conflict 409 ─ CallEnded, CallNotActive, NotRinging, RoomEnded, …
├─ Gone 410 ─ CursorExpired
├─ BodyTooLarge 413, UnsupportedMediaType 415
├─ Limited 429 ─ RateLimited, TooManyCalls, TooManyStreams   (retryable, retry_after)
├─ InternalError 500
├─ UpstreamError 502 ─ PlatformError, ProviderError           (retryable)
└─ Unavailable 503 ─ BridgeUnavailable, Capacity, ShuttingDown (retryable, retry_after)
"""

from collections.abc import Mapping, Sequence

Fields = Mapping[str, Sequence[str]]


class GatewayError(Exception):
    """Something went wrong."""

    code = "internal_error"
    status = 500
    retryable = False

    def __init__(
        self,
        message: str = "",
        *,
        fields: Fields | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}
        self.retry_after = retry_after


class InvalidRequest(GatewayError):
    """The request is not valid."""

    code = "invalid_request"
    status = 400


class InvalidJSON(InvalidRequest):
    """The body is not valid JSON."""

    code = "invalid_json"


class InvalidMeetingURL(InvalidRequest):
    """This is not a meeting address of that platform."""

    code = "invalid_meeting_url"


class InvalidState(InvalidRequest):
    """The state is unknown, used or too old."""

    code = "invalid_state"


class PlatformUnsupported(InvalidRequest):
    """The platform cannot do this."""

    code = "platform_unsupported"


class AccountNotFound(InvalidRequest):
    """There is no such connected account on this platform."""

    code = "account_not_found"


class PresetNotFound(InvalidRequest):
    """There is no such voice preset of that kind."""

    code = "preset_not_found"


class NoSTTPreset(InvalidRequest):
    """Transcripts need a speech-to-text preset; add one under Voice providers."""

    code = "no_stt_preset"


class NoTTSPreset(InvalidRequest):
    """Speaking text needs a text-to-speech preset; add one under Voice providers, or send PCM."""

    code = "no_tts_preset"


class CapabilityMissing(InvalidRequest):
    """This call cannot do that."""

    code = "capability_missing"


class FilesUnsupported(InvalidRequest):
    """Files cannot be sent there."""

    code = "files_unsupported"


class TextTooLong(InvalidRequest):
    """The text is too long for this platform."""

    code = "text_too_long"


class IdempotencyMismatch(InvalidRequest):
    """This Idempotency-Key was used with another request."""

    code = "idempotency_mismatch"


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


class MethodNotAllowed(GatewayError):
    """This address does not take that method."""

    code = "method_not_allowed"
    status = 405


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


class Gone(GatewayError):
    """This is no longer here."""

    code = "gone"
    status = 410


class BodyTooLarge(GatewayError):
    """The body is too large."""

    code = "body_too_large"
    status = 413


class UnsupportedMediaType(GatewayError):
    """Send JSON with Content-Type application/json."""

    code = "unsupported_media_type"
    status = 415


class UpgradeRequired(GatewayError):
    """This address speaks WebSocket, version 13."""

    code = "upgrade_required"
    status = 426


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


class InternalError(GatewayError):
    """Something went wrong on our side; the request id finds it in our log."""


class UpstreamError(GatewayError):
    """A service we depend on failed."""

    code = "upstream_failed"
    status = 502
    retryable = True


class PlatformError(UpstreamError):
    """The platform refused or failed."""

    code = "platform_error"


class ProviderError(UpstreamError):
    """The speech provider failed."""

    code = "provider_unreachable"


class Unavailable(GatewayError):
    """Not available at the moment."""

    code = "unavailable"
    status = 503
    retryable = True


class BridgeUnavailable(Unavailable):
    """No process that can carry this platform is running."""

    code = "bridge_unavailable"


class Capacity(Unavailable):
    """The server is full; try again shortly."""

    code = "capacity"


class ShuttingDown(Unavailable):
    """The server is shutting down; connect again shortly."""

    code = "shutting_down"
