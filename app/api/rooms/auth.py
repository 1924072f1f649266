"""Who comes into a room: guests by link and participants, each with a JWT of ours."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import g, request

from app import ids, tokens
from app.api import limits
from app.api.limits import Limit
from app.api.rooms import words
from app.errors import Forbidden, RoomNotFound, Unauthorized
from app.extensions import db
from app.models import JoinToken, Participant, Room, Tenant
from app.services import keys

REQUESTS_PER_MINUTE = 300  # Per subject of a JWT.


@dataclass(frozen=True)
class Visitor:
    """Whoever holds a room's JWT. `seat` is the id of the participant it is, or may become."""

    tenant_id: uuid.UUID
    room_id: uuid.UUID
    seat: uuid.UUID
    guest: bool

    def room(self, reference: str, *, by_name: bool = False) -> Room:
        """Return the visitor's own room. Raises RoomNotFound for every other."""
        found = db.session.get(Room, self.room_id)
        if found is None or found.tenant_id != self.tenant_id:
            raise RoomNotFound
        named = by_name and found.name and reference.strip().lower() == found.name.lower()
        if not named and ids.parse_uuid(reference) != found.id:
            raise RoomNotFound
        return found


def admit() -> None:
    """Let a request in with its JWT, as `g.visitor`; for a blueprint's `before_request`."""
    claims = read(_presented())
    limits.spend([Limit("rooms_requests", claims["sub"], REQUESTS_PER_MINUTE)])
    g.visitor = visitor(claims)


def read(token: str) -> dict[str, Any]:
    """Return the claims of an access JWT. Raises Unauthorized."""
    try:
        return tokens.read_access(token)
    except tokens.BadToken as error:
        text = "token has expired" if error.expired else "invalid token"
        raise Unauthorized(text) from None


def visitor(claims: dict[str, Any]) -> Visitor:
    """Return who the claims speak of. Raises Unauthorized, or Forbidden for a tenant's JWT."""
    if "room_id" not in claims:
        raise Forbidden("insufficient permissions")
    tenant = db.session.get(Tenant, uuid.UUID(claims["tenant_id"]))
    if tenant is None or not tenant.is_active:
        raise Unauthorized("tenant not found or inactive")
    guest = "participant_id" not in claims
    seat = uuid.UUID(claims["fam"] if guest else claims["participant_id"])
    if not guest:
        _check_kept(seat)
    return Visitor(tenant.id, uuid.UUID(claims["room_id"]), seat, guest)


def guest_token(room: Room, link: JoinToken) -> str:
    """Make a guest's JWT. Its family is the id of the participant it will become."""
    return tokens.issue_access(
        {
            "sub": str(link.id),
            "tenant_id": str(room.tenant_id),
            "room_id": str(room.id),
            "fam": str(ids.new()),
            "display_name": None,
            "role": "participant",
            "permissions": words.DEFAULTS,
            **({"test": True} if room.test else {}),
        }
    )


def participant_token(participant: Participant) -> str:
    """Make a participant's JWT; name, role and permissions are copies for the client to read."""
    return tokens.issue_access(
        {
            "sub": str(participant.id),
            "tenant_id": str(participant.tenant_id),
            "room_id": str(participant.room_id),
            "participant_id": str(participant.id),
            "fam": str(ids.new()),
            "display_name": participant.display_name,
            "role": participant.role,
            "permissions": words.permissions(participant),
        }
    )


def _presented() -> str:
    header = request.headers.get("Authorization", "")
    key = request.headers.get("X-API-Key", "").strip()
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if header and (scheme.lower() != "bearer" or not value):
        raise Unauthorized("invalid authorization header format")
    if key and value and key != value:
        raise Unauthorized("conflicting credentials")
    presented = value or key
    if not presented:
        raise Unauthorized("missing credentials")
    if presented.count(".") != 2:
        _refuse_key(presented)
    return presented


def _refuse_key(key: str) -> None:
    if keys.identify(key) is None:
        raise Unauthorized("invalid API key")
    raise Forbidden("insufficient permissions")


def _check_kept(seat: uuid.UUID) -> None:
    found = db.session.get(Participant, seat)
    if found is None or found.leave_reason == "removed":
        raise Unauthorized("token has been revoked")
