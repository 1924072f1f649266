"""What the rooms dialect says of a row that the row does not say itself."""

from app.config import settings
from app.models import Participant, Room
from app.services import participants

HOST = {"can_record": True, "can_screen_share": True, "can_kick": True, "can_mute": True}
DEFAULTS = {"can_record": False, "can_screen_share": True, "can_kick": False, "can_mute": False}


def permissions(participant: Participant) -> dict[str, bool]:
    """What a participant may do: a host everything, others what their row adds or takes."""
    if participant.role == "host":
        return dict(HOST)
    given = participant.permissions
    return {name: bool(given.get(name, usual)) for name, usual in DEFAULTS.items()}


def capacity(room: Room) -> int:
    return participants.capacity(room)


def participant_count(room: Room) -> int:
    return participants.count(room.id)


def socket_url() -> str:
    """Where a participant's WebSocket is opened; holds no token."""
    return f"{settings().ws_base}/api/v1/ws"
