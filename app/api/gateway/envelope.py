"""How the gateway dialect words an error."""

from typing import Any

from app.errors import GatewayError


def envelope(error: GatewayError) -> dict[str, Any]:
    """Return the error as the JSON object that goes out with its status."""
    body: dict[str, Any] = {
        "code": error.code,
        "message": str(error),
        "retryable": error.retryable,
    }
    if error.fields:
        body["fields"] = error.fields
    return {"error": body}
