"""What an agent does inside a call: speak, be silent, chat, show that it types, dial."""

from typing import Any

from app import ids
from app.api import auth, limits
from app.api.body import accepts
from app.api.gateway.calls import find
from app.api.gateway.schemas import Chat, Dial, Say
from app.api.idempotency import idempotent
from app.services import actions

bp = auth.guarded("gateway_actions", __name__, scope="calls", prefix="/api/call/<call_id>")


@bp.post("/say")
@limits.counts_as("rate_sends")
@idempotent
@accepts(Say)
def say(call_id: str, text: str) -> dict[str, Any]:
    """Speak a text into the meeting."""
    utterance = actions.say(find(call_id), text)
    return {"status": "queued", "utterance_id": utterance, "queue_position": 0}


@bp.post("/stop-speaking")
def stop_speaking(call_id: str) -> dict[str, Any]:
    """Silence the agent's hosted speech."""
    canceled = actions.stop_speaking(find(call_id))
    status = "stopped" if canceled else "idle"
    return {"status": status, "canceled": canceled, "played_ms": 0, "discarded_ms": 0}


@bp.post("/chat")
@limits.counts_as("rate_sends")
@idempotent
@accepts(Chat)
def chat(
    call_id: str, text: str, sender_name: str, attachments: list[dict[str, Any]]
) -> dict[str, Any]:
    """Write into the meeting's chat."""
    message = actions.write(find(call_id), text, sender=sender_name, attachments=attachments)
    return {"status": "sent", "message_id": ids.public("msg", message.id)}


@bp.post("/typing")
def typing(call_id: str) -> dict[str, Any]:
    """Show in the meeting that the agent is typing."""
    return {"status": "typing", "effective": actions.type(find(call_id))}


@bp.post("/dtmf")
@idempotent
@accepts(Dial)
def dtmf(call_id: str, digits: str, duration_ms: int, gap_ms: int) -> dict[str, Any]:
    """Send keypad tones."""
    actions.dial(find(call_id), digits, duration_ms=duration_ms, gap_ms=gap_ms)
    return {"status": "queued", "digits": digits}
