"""How the rooms dialect words an error: one text, some of them with a status of their own."""

from app.errors import GatewayError

# What other parts raise, in this dialect's words. Errors made here carry their text already.
_WORDS: dict[str, tuple[int, str]] = {
    "not_found": (404, "not found"),
    "room_not_found": (404, "room not found"),
    "participant_not_found": (404, "participant not found"),
    "room_full": (400, "room is full"),
    "room_ended": (400, "room is not active"),
    "invalid_json": (400, "invalid JSON body"),
    "unsupported_media_type": (400, "invalid JSON body"),
    "upgrade_required": (400, "websocket upgrade required"),
    "insufficient_scope": (403, "insufficient permissions"),
    "csrf_failed": (403, "csrf failed"),
    "origin_not_allowed": (403, "origin not allowed"),
    "method_not_allowed": (405, "method not allowed"),
    "idempotency_conflict": (409, "idempotency_conflict"),
    "body_too_large": (413, "request body too large"),
    "rate_limited": (429, "rate limit exceeded"),
    "internal_error": (500, "internal error"),
    "bridge_unavailable": (503, "server is at capacity"),
    "capacity": (503, "server is at capacity"),
    "shutting_down": (503, "server is shutting down"),
}


def envelope(error: GatewayError) -> tuple[dict[str, str], int]:
    """Return the error as a JSON object and its status; of several bad fields the first counts."""
    status, text = _WORDS.get(error.code, (error.status, str(error)))
    for name, texts in error.fields.items():
        text = f"{name} {texts[0]}"
        break
    return {"error": text}, status
