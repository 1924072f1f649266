"""The guest's page: a link opens it, and a name is enough to come in."""

from flask import Blueprint, Response, make_response, render_template, request

from app.config import settings
from app.errors import RoomEnded, RoomNotFound
from app.services import rooms

bp = Blueprint("join", __name__, url_prefix="/join")

_ENDED = "This room has ended"
_UNKNOWN = "This link does not open a room"


@bp.get("/<token>")
def page(token: str) -> Response:
    """Show the room's page, or kindly say with 404 that the link opens none."""
    try:
        room, _link = rooms.by_link(token)
    except RoomEnded:
        text = "Nobody can join it any more. Ask whoever invited you for a new link."
        return _answer(render_template("join/closed.html", title=_ENDED, text=text), 404)
    except RoomNotFound:
        text = (
            "It may be old, or a part of it was lost on its way to you. Check that all of it is in "
            "the address bar, or ask whoever invited you for a new one."
        )
        return _answer(render_template("join/closed.html", title=_UNKNOWN, text=text), 404)
    return _answer(render_template("join/room.html", title=room.name or "Meeting room"), 200)


def _answer(page: str, status: int) -> Response:
    """Fence the page in: nothing from elsewhere, and its address, which is a key, goes nowhere."""
    reply = make_response(page, status)
    own_sockets = f"{settings().ws_base} {'wss' if request.is_secure else 'ws'}://{request.host}"
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": f"'self' {own_sockets}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    reply.headers["Content-Security-Policy"] = "; ".join(map(" ".join, policy.items()))
    reply.headers["Referrer-Policy"] = "no-referrer"
    reply.headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=(), payment=()"
    reply.headers["X-Content-Type-Options"] = "nosniff"
    reply.headers["X-Robots-Tag"] = "noindex"
    reply.headers["Cache-Control"] = "no-store"
    return reply
