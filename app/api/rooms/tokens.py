"""What a guest's link is worth: a token for its room."""

from typing import Any

from flask import Blueprint, request

from app import tokens
from app.api import limits
from app.api.body import accepts, returns
from app.api.limits import Limit
from app.api.rooms import auth
from app.api.rooms.schemas import ExchangeOut, ExchangeToken
from app.config import settings
from app.errors import InvalidRequest, RoomEnded, RoomNotFound, Unauthorized
from app.services import rooms

bp = Blueprint("rooms_public", __name__, url_prefix="/api/v1/public")


@bp.before_request
def limit() -> None:
    """Nobody is known here, so the address is what is counted."""
    address = request.remote_addr or "unknown"
    limits.spend([Limit("rooms_public", address, settings().rate_public)])


@bp.post("/join-token/exchange")
@accepts(ExchangeToken)
@returns(ExchangeOut)
def exchange(join_token: str) -> dict[str, Any]:
    """Trade the token of a guest link for a JWT."""
    try:
        room, link = rooms.by_link(join_token)
    except RoomNotFound:
        raise InvalidRequest("invalid join token") from None
    except RoomEnded:
        raise Unauthorized("join token has expired") from None
    return {
        "access_token": auth.guest_token(room, link),
        "expires_in": tokens.ACCESS_SECONDS,
        "room_id": room.id,
        "room_name": room.name,
    }
