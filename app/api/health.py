"""Whether this install can do its work: database, Redis and a live process."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.bus import BusDown
from app.extensions import db
from app.services import placement

bp = Blueprint("health", __name__)


@bp.get("/health")
def health() -> Response:
    """Answer 200 when calls can be made, else 503 with what is wrong."""
    checks = {"database": _database(), **_live()}
    healthy = all(state == "ok" for state in checks.values())
    reply = jsonify(status="ok" if healthy else "unhealthy", **checks)
    reply.status_code = 200 if healthy else 503
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "The database does not answer."
    return "ok"


def _live() -> dict[str, str]:
    try:
        lives = placement.alive()
    except BusDown:
        return {"redis": "Redis does not answer.", "live": "Unknown, for Redis does not answer."}
    return {"redis": "ok", "live": "ok" if lives else "No live process is running."}
