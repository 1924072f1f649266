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

from app.errors.access import (
    CallNotFound,
    CSRFFailed,
    Forbidden,
    Gone,
    InsufficientScope,
    NotFound,
    OriginNotAllowed,
    ParticipantNotFound,
    RoomNotFound,
    Unauthorized,
)
from app.errors.base import Fields, GatewayError
from app.errors.failures import (
    BridgeUnavailable,
    Capacity,
    InternalError,
    PlatformError,
    ProviderError,
    ShuttingDown,
    Unavailable,
    UpstreamError,
)
from app.errors.requests import (
    AccountNotFound,
    BodyTooLarge,
    CapabilityMissing,
    FilesUnsupported,
    IdempotencyMismatch,
    InvalidJSON,
    InvalidMeetingURL,
    InvalidRequest,
    InvalidState,
    MethodNotAllowed,
    NoSTTPreset,
    NoTTSPreset,
    PlatformUnsupported,
    PresetNotFound,
    TextTooLong,
    UnsupportedMediaType,
    UpgradeRequired,
)
from app.errors.states import (
    CallEnded,
    CallNotActive,
    Conflict,
    EmailTaken,
    IdempotencyConflict,
    Limited,
    NotRinging,
    PlatformGated,
    PlatformNotConnected,
    RateLimited,
    RoomEnded,
    RoomFull,
    TooManyCalls,
    TooManyStreams,
)

__all__ = [
    "AccountNotFound",
    "BodyTooLarge",
    "BridgeUnavailable",
    "CSRFFailed",
    "CallEnded",
    "CallNotActive",
    "CallNotFound",
    "CapabilityMissing",
    "Capacity",
    "Conflict",
    "EmailTaken",
    "Fields",
    "FilesUnsupported",
    "Forbidden",
    "GatewayError",
    "Gone",
    "IdempotencyConflict",
    "IdempotencyMismatch",
    "InsufficientScope",
    "InternalError",
    "InvalidJSON",
    "InvalidMeetingURL",
    "InvalidRequest",
    "InvalidState",
    "Limited",
    "MethodNotAllowed",
    "NoSTTPreset",
    "NoTTSPreset",
    "NotFound",
    "NotRinging",
    "OriginNotAllowed",
    "ParticipantNotFound",
    "PlatformError",
    "PlatformGated",
    "PlatformNotConnected",
    "PlatformUnsupported",
    "PresetNotFound",
    "ProviderError",
    "RateLimited",
    "RoomEnded",
    "RoomFull",
    "RoomNotFound",
    "ShuttingDown",
    "TextTooLong",
    "TooManyCalls",
    "TooManyStreams",
    "Unauthorized",
    "Unavailable",
    "UnsupportedMediaType",
    "UpgradeRequired",
    "UpstreamError",
]
