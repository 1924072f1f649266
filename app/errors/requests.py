"""Errors in what was sent: 400, 405, 413, 415, 426."""

from app.errors.base import GatewayError


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


class MethodNotAllowed(GatewayError):
    """This address does not take that method."""

    code = "method_not_allowed"
    status = 405


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
