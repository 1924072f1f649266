"""Rooms: the list, and one room with its guest link."""

from flask import g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app import ids
from app.dashboard import forms, paging
from app.dashboard.frame import bp
from app.errors import GatewayError, InvalidRequest, RoomEnded, RoomNotFound
from app.models import Room
from app.models.room import RoomStatus
from app.services import calls, events, participants, rooms

NEW = "dashboard/room_new.html"
END = "dashboard/room_end.html"
STATES = {"open": RoomStatus.ACTIVE, "past": RoomStatus.ENDED, "all": None}


@bp.get("/rooms")
def list_rooms() -> str:
    """List rooms, newest first, with who is there."""
    state = paging.choice("state", STATES)
    page = paging.Page.asked()
    rows, total = rooms.page(g.tenant.id, status=STATES[state], limit=page.size, offset=page.offset)
    return render_template(
        "dashboard/rooms.html",
        rooms=rows,
        members=participants.present_in([row.id for row in rows]),
        state=state,
        page=page.of(total),
        seq=events.last_seq(g.tenant.id),
    )


@bp.get("/rooms/new")
def new_room() -> str:
    """Ask for a new room's name."""
    return render_template(NEW, typed={})


@bp.post("/rooms")
def create_room() -> Response | tuple[str, int]:
    """Open a room."""
    try:
        row = rooms.create(g.tenant.id, forms.text("name", 200, label="A name"))
    except GatewayError as error:
        return forms.again(NEW, error)
    return forms.done("The room is open.", url_for("dashboard.room", room_id=row.id))


@bp.get("/rooms/<room_id>")
def room(room_id: str) -> str:
    """Show a room: its guest link, who is there, its calls."""
    row = _room(room_id)
    is_open = row.status == RoomStatus.ACTIVE
    return render_template(
        "dashboard/room.html",
        room=row,
        link=rooms.standing_link(row) if is_open else None,
        members=participants.of_room(row.id),
        calls=calls.of_room(row.id),
        seq=events.last_seq(g.tenant.id),
    )


@bp.get("/rooms/<room_id>/open")
def open_room(room_id: str) -> Response:
    """Go into a room as a guest would."""
    row = _room(room_id)
    if row.status == RoomStatus.ENDED:
        raise RoomEnded
    return redirect(rooms.standing_link(row))


@bp.get("/rooms/<room_id>/end")
def ask_end_room(room_id: str) -> str:
    """Ask for the room's name before everybody in it is sent away."""
    row = _room(room_id)
    return render_template(END, room=row, expected=_expected(row))


@bp.post("/rooms/<room_id>/end")
def end_room(room_id: str) -> Response | tuple[str, int]:
    """End a room with every call in it."""
    row = _room(room_id)
    try:
        forms.named(_expected(row))
    except InvalidRequest as error:
        return forms.again(END, error, room=row, expected=_expected(row))
    rooms.end(row.id, "api")
    return forms.done("The room has ended.", url_for("dashboard.room", room_id=row.id))


def _room(room_id: str) -> Room:
    key = ids.parse_uuid(room_id)
    if key is None:
        raise RoomNotFound
    return rooms.get(g.tenant.id, key)


def _expected(row: Room) -> str:
    """What must be typed to end a room: its name, or for one without a name the word end."""
    return row.name or "end"
