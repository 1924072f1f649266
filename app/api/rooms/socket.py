"""The participant's WebSocket: checked here, then handed to the process that runs the room."""

import uuid
from typing import Any, NoReturn

from flask import Blueprint, request

from app import websocket
from app.api.channel import Upgrade, channel, hand_over
from app.api.rooms import auth, origins, words
from app.config import settings
from app.errors import (
    BridgeUnavailable,
    Conflict,
    InvalidRequest,
    OriginNotAllowed,
    ParticipantNotFound,
    RoomFull,
    RoomNotFound,
    Unauthorized,
)
from app.extensions import db
from app.models import Participant, Room
from app.models.room import RoomStatus
from app.services import guests, placement, tenants

bp = Blueprint("rooms_socket", __name__, url_prefix="/api/v1")

PROTOCOL = "chalk"
_TOKEN = "token."
# RFC 9745: since when tokens in a URL, where logs keep them, are discouraged.
_DEPRECATION = {"Deprecation": "@1767657600"}


@channel(bp, "/ws")
def socket(ws: Upgrade) -> None:
    """Join the room of the token. The checks keep their order; each is answered as plain HTTP."""
    _check_upgrade(ws)
    if not placement.alive():
        raise BridgeUnavailable(retry_after=2)
    offered = websocket.offered_subprotocols(ws.environ)
    token, from_query = _token(offered)
    claims = auth.read(token)
    visitor = auth.visitor(claims) if "room_id" in claims else None
    if PROTOCOL not in offered and any(name.startswith(_TOKEN) for name in offered):
        raise InvalidRequest("subprotocol chalk required")
    _check_origin(uuid.UUID(claims["tenant_id"]))
    if visitor is None:
        raise InvalidRequest("missing room_id in token")
    room = _room(visitor)
    participant = _participant(visitor, room)
    hand_over(
        ws,
        room,
        dialect="rooms",
        participant_id=participant.id,
        options=_options(participant, deprecated_token=from_query),
        subprotocol=PROTOCOL if PROTOCOL in offered else None,
        headers=_DEPRECATION if from_query else None,
    )


@bp.get("/ws")
def plain() -> NoReturn:
    """Refuse a request that asks for no upgrade: the route above does not see it."""
    raise InvalidRequest("websocket upgrade required")


def _check_upgrade(ws: Upgrade) -> None:
    try:
        websocket.accept(ws.environ)
    except websocket.Refused:
        raise InvalidRequest("websocket upgrade required") from None


def _token(offered: list[str]) -> tuple[str, bool]:
    """Return the token, and whether it came in the URL. Raises Unauthorized without any."""
    for name in offered:
        if name.startswith(_TOKEN):
            return name.removeprefix(_TOKEN), False
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip(), False
    if token := request.args.get("token"):
        return token, True
    raise Unauthorized("missing token")


def _check_origin(tenant_id: uuid.UUID) -> None:
    known = {
        "own": [settings().base],
        "host": request.host,
        "listed": tenants.get(tenant_id).config.get("allowed_origins", []),
        "patterns": settings().allowed_origin_patterns,
    }
    if not origins.allowed(request.headers.get("Origin"), **known):
        raise OriginNotAllowed


def _room(visitor: auth.Visitor) -> Room:
    room = db.session.get(Room, visitor.room_id)
    if room is None or room.tenant_id != visitor.tenant_id:
        raise RoomNotFound
    if room.status != RoomStatus.ACTIVE:
        raise Conflict("room is not active")
    return room


def _participant(visitor: auth.Visitor, room: Room) -> Participant:
    if visitor.guest:
        raise InvalidRequest("missing participant_id in token")
    participant = db.session.get(Participant, visitor.seat)
    if participant is None or participant.room_id != room.id:
        raise ParticipantNotFound
    try:
        guests.may_sit(room, participant)
    except RoomFull:
        raise Conflict("room is full") from None  # Elsewhere in this dialect a full room is a 400.
    return participant


def _options(participant: Participant, *, deprecated_token: bool) -> dict[str, Any]:
    """What `RoomsWire` is made from."""
    return {
        "tenant_id": str(participant.tenant_id),
        "room_id": str(participant.room_id),
        "participant_id": str(participant.id),
        "role": participant.role,
        "permissions": words.permissions(participant),
        "deprecated_token": deprecated_token,
    }
