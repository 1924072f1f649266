"""Who is in a room, and how a guest gets in."""

from typing import Any

from flask import Blueprint, g

from app import ids, tokens
from app.api.body import accepts, queries, returns
from app.api.paging import listed
from app.api.rooms import auth, words
from app.api.rooms.schemas import Join, JoinOut, ListParticipants, ParticipantsOut
from app.errors import Forbidden, InvalidRequest
from app.services import guests, participants, tenants

bp = Blueprint("rooms_participants", __name__, url_prefix="/api/v1/rooms/<room_id>/participants")
bp.before_request(auth.admit)


@bp.post("")
@accepts(Join)
@returns(JoinOut, 201)
def add(room_id: str, display_name: str) -> dict[str, Any]:
    """Take a seat; the same guest again gets its own."""
    room = g.visitor.room(room_id, by_name=True)
    if not g.visitor.guest:
        raise Forbidden("insufficient permissions")
    seat = guests.seat(room, g.visitor.seat, display_name)
    return {
        "participant": seat,
        "room": room,
        "tenant": tenants.get(room.tenant_id),
        "access_token": auth.participant_token(seat),
        "expires_in": tokens.ACCESS_SECONDS,
        "ws_url": words.socket_url(),
    }


@bp.get("")
@queries(ListParticipants)
@returns(ParticipantsOut)
def list_(room_id: str, active: bool, limit: int, offset: int) -> dict[str, Any]:
    """List everybody who was added, in that order, or only those who are there."""
    if ids.parse_uuid(room_id) is None:
        raise InvalidRequest("invalid room id")
    room = g.visitor.room(room_id)
    if g.visitor.guest:
        raise Forbidden("insufficient permissions")
    found = participants.page(room.id, present=active, limit=limit, offset=offset)
    return listed("participants", found, limit=limit, offset=offset)
