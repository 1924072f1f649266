"""What an agent does inside its call: speak, be silent, write, show that it writes, dial."""

from collections.abc import Sequence
from typing import Any

from app import bus, platforms
from app.errors import (
    CallEnded,
    CallNotActive,
    CapabilityMissing,
    FilesUnsupported,
    InvalidRequest,
    NoTTSPreset,
    TextTooLong,
)
from app.models import Call, ChatMessage
from app.models.call import CallState
from app.services import calls, chat


def say(call: Call, text: str) -> str:
    """Speak a text with the call's voice; returns the utterance's public id.

    Raises CallEnded, CapabilityMissing, NoTTSPreset; always one of them until this install has a
    speech engine.
    """
    _require(call, "audio_out")
    if call.tts_preset_id is None:
        raise NoTTSPreset
    raise NoTTSPreset("No speech engine is installed yet; send PCM on the call's stream instead.")


def stop_speaking(call: Call) -> list[str]:
    """Silence what `say` began; returns the ids of the utterances that were cut short.

    Fine in every state: where nothing is being said, nothing changes.
    """
    return []


def write(
    call: Call, text: str, *, sender: str = "", attachments: Sequence[Any] = ()
) -> ChatMessage:
    """Write into the meeting's chat as the call's agent.

    Raises CallEnded, CapabilityMissing, CallNotActive, FilesUnsupported, TextTooLong.
    """
    _require(call, "write", active=True)
    if attachments:
        raise FilesUnsupported("Files cannot be sent from here yet.")
    if not text:
        raise InvalidRequest(fields={"text": ["Write something, or attach a file."]})
    limit = platforms.get(call.platform).facts.max_text or 0
    if len(text) > limit:
        raise TextTooLong(f"The text has {len(text)} characters; {call.platform} takes {limit}.")
    message, _ = chat.send(calls.agent(call), text, call=call, sender=sender)
    return message


def type(call: Call) -> bool:
    """Show in the meeting that the agent is writing; False where that cannot be shown.

    Raises CallEnded, CapabilityMissing, CallNotActive.
    """
    _require(call, "write", active=True)
    if "typing" not in call.capabilities:
        return False
    sign = {"room_id": str(call.room_id), "participant_id": str(call.participant_id)}
    try:
        bus.current().publish("typing", sign)
    except bus.BusDown:
        return False
    return True


def dial(call: Call, digits: str, *, duration_ms: int, gap_ms: int) -> None:
    """Send keypad tones down a phone line.

    Raises CallEnded, CapabilityMissing, CallNotActive; always one of them until this install has
    phone lines.
    """
    _require(call, "dtmf", active=True)
    raise CapabilityMissing("No phone line carries tones from here yet.")


def _require(call: Call, capability: str, *, active: bool = False) -> None:
    """Check that a call can do something at all, then that it can do so now."""
    if call.over:
        raise CallEnded
    if capability not in call.capabilities:
        raise CapabilityMissing(f"This call has no {capability}.")
    if active and call.state != CallState.ACTIVE:
        raise CallNotActive
