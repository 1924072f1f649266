"""Errors that are not the customer's: 500, 502, 503."""

from app.errors.base import GatewayError


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
