"""What the gateway dialect says of a row that the row does not say itself."""

from typing import Any

from app import ids, tokens
from app.config import settings
from app.models import ApiKey, Call
from app.services import keys

FORMAT = "pcm_s16le"
FRAME_MS = 20


def stream_url(call: Call) -> str:
    """Where the call's stream is opened; holds no key."""
    return f"{settings().ws_base}/api/call/{ids.public('call', call.id)}/stream"


def join_url(call: Call) -> str | None:
    """The guest link of a room; other platforms have none of ours."""
    if call.platform != "room" or call.join_token_id is None:
        return None
    return f"{settings().base}/join/{tokens.join_token(call.join_token_id)}"


def audio(call: Call) -> dict[str, Any]:
    """The native audio format; one frame is 20 ms of mono 16-bit samples."""
    return {
        "sample_rate": call.rate,
        "format": FORMAT,
        "channels": 1,
        "frame_duration_ms": FRAME_MS,
        "frame_bytes": call.rate * FRAME_MS // 1000 * 2,
    }


def failure(call: Call) -> dict[str, Any] | None:
    """Why a call failed; None for one that did not."""
    if call.error_code is None:
        return None
    return {"code": call.error_code, "message": call.error_message}


def scopes(key: ApiKey) -> list[str]:
    """The scopes of a key, written out where none are stored because it has all."""
    return key.scopes or list(keys.SCOPES)
