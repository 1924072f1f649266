"""A room, as those in it see it."""

from flask import Blueprint, g

from app import ids
from app.api.body import returns
from app.api.rooms import auth
from app.api.rooms.schemas import RoomOut
from app.errors import InvalidRequest
from app.models import Room

bp = Blueprint("rooms_rooms", __name__, url_prefix="/api/v1/rooms")
bp.before_request(auth.admit)


@bp.get("/<room_id>")
@returns(RoomOut)
def get(room_id: str) -> Room:
    """Retrieve the visitor's own room."""
    if ids.parse_uuid(room_id) is None:
        raise InvalidRequest("invalid room id")
    visitor: auth.Visitor = g.visitor
    return visitor.room(room_id)
