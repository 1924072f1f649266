"""The rooms dialect."""

from app.api.dialect import Dialect
from app.errors import GatewayError


def envelope(error: GatewayError) -> dict[str, str]:
    """Return the error as the JSON object that goes out with its status."""
    return {"error": str(error)}


dialect = Dialect("rooms", ["/api/v1"], envelope)
