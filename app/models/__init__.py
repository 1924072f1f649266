"""Tables, one file per noun; imported here so that migrations see them all."""

from app.models.api_key import ApiKey
from app.models.call import Call
from app.models.chat_message import ChatMessage
from app.models.event import Event
from app.models.idempotency import IdempotencyRecord
from app.models.join_token import JoinToken
from app.models.participant import Participant
from app.models.room import Room
from app.models.tenant import Tenant
from app.models.user import User
from app.models.utterance import Utterance
from app.models.voice_preset import VoicePreset

__all__ = [
    "ApiKey",
    "Call",
    "ChatMessage",
    "Event",
    "IdempotencyRecord",
    "JoinToken",
    "Participant",
    "Room",
    "Tenant",
    "User",
    "Utterance",
    "VoicePreset",
]
