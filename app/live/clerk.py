"""What a live process does with rows: who came, who left, what they ask for, what they missed."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update

from app.errors import CallEnded, CallNotFound, GatewayError, ParticipantNotFound, RoomEnded
from app.extensions import db, transaction
from app.models import Call, ChatMessage, Participant, Room
from app.models.call import CallState
from app.models.columns import now
from app.models.room import RoomStatus
from app.services import actions, call_states, calls, chat, events, participants

MAX_REPLAY = 1000

Report = dict[str, Any]
Facts = dict[str, Any]


def enter(call_id: uuid.UUID, live_id: str) -> bool:
    """Let an agent's call begin in a room of ours; False when it is over already."""
    call = db.session.get(Call, call_id)
    if call is None:
        return False
    with transaction():
        events.take_turn(call.tenant_id)
        own(call.room_id, live_id)
        return call_states.activate(call_id) or call.state == CallState.ACTIVE


def own(room_id: uuid.UUID, live_id: str) -> None:
    """Write down which live process runs a room."""
    changed = update(Room).where(Room.id == room_id, Room.owner.is_distinct_from(live_id))
    with transaction():
        db.session.execute(changed.values(owner=live_id))


def welcome(report: Report) -> Facts:
    """Take somebody's socket into the records; returns what its client is greeted with.

    Raises CallNotFound, CallEnded, RoomEnded, ParticipantNotFound.
    """
    room = db.session.get(Room, uuid.UUID(report["room"]))
    if room is not None and report["call"] is not None:
        return facts(room, _attend(report), report["last_seq"])
    if room is None or room.status == RoomStatus.ENDED:
        raise RoomEnded
    if participants.connect(uuid.UUID(report["participant"])) is None:
        raise ParticipantNotFound("You are no longer on the room's list.")
    return facts(room, None, report["last_seq"])


def facts(room: Room, call: Call | None, last_seq: int | None) -> Facts:
    """Tell how a room and a call stand, and what happened after `last_seq`."""
    newest = events.last_seq(room.tenant_id)
    here = participants.of_room(room.id, present=True)
    return {
        "state": call.state if call else "active",
        "capabilities": call.capabilities if call else ["audio_in", "audio_out"],
        "rate": room.rate,
        "last_seq": newest,
        "room": {
            "id": str(room.id),
            "name": room.name,
            "status": room.status,
            "config": room.config,
        },
        "participants": [_person(participant) for participant in here],
        "messages": [_line(message) for message in chat.latest(room.id)],
        "replay": None if last_seq is None else _missed(room, call, last_seq, newest),
        "gap": None if last_seq is None else events.gap(room.tenant_id, last_seq),
        "server_time": events.utc(datetime.now(UTC)),
    }


def depart(report: Report) -> None:
    """Note that a socket is gone; a participant without any is away, or has left."""
    if report["call"] is not None:
        attended([uuid.UUID(report["call"])])
    elif report["last"] and report["clean"]:
        participants.leave(uuid.UUID(report["participant"]))
    elif report["last"]:
        participants.lose(uuid.UUID(report["participant"]))


def attended(call_ids: Sequence[uuid.UUID]) -> None:
    """Note that calls have an open stream, which keeps them from ending as idle."""
    with transaction():
        db.session.execute(update(Call).where(Call.id.in_(call_ids)).values(attended_at=now()))


def fulfil(report: Report) -> dict[str, Any]:
    """Do what a client asked for over its socket; returns {result} or {error}."""
    try:
        return {"result": _REQUESTS[report["name"]](report, report["arguments"])}
    except GatewayError as error:
        return failure(error)


def failure(error: GatewayError) -> dict[str, Any]:
    """Word an error as the answer to a client's request."""
    return {"error": {"code": error.code, "message": str(error), "retryable": error.retryable}}


def abandon(room_id: uuid.UUID, owner: str) -> bool:
    """Give up a room whose live process died: its calls end, its guests may come back.

    Of several that notice, one does it; False for the others.
    """
    with transaction():
        freed = update(Room).where(Room.id == room_id, Room.owner == owner).values(owner=None)
        if db.session.execute(freed.returning(Room.id)).scalar_one_or_none() is None:
            return False
        for call in calls.live_in(room_id):
            calls.finish(call, "bridge_disconnected", error=call_states.BRIDGE_LOST)
        for participant in participants.of_room(room_id, present=True):
            participants.lose(participant.id)
        return True


def _attend(report: Report) -> Call:
    """Return the call of a new stream; one that ended on the way only to be told its end."""
    call = _call(report)
    if not call.over:
        attended([call.id])
    elif report["last_seq"] is None:
        raise CallEnded
    return call


def _missed(
    room: Room, call: Call | None, last_seq: int, newest: int
) -> list[dict[str, Any]] | None:
    """What happened since; None for guests who missed too much to be told one by one."""
    if call is not None:
        rows = events.missed(call, last_seq)
    else:
        rows = list(events.of_room(room.id, last_seq, MAX_REPLAY + 1))
    if call is None and len(rows) > MAX_REPLAY:
        return None
    # What is newer comes by the live way.
    return [events.plain(row) for row in rows if row.seq <= newest]


def _person(participant: Participant) -> dict[str, Any]:
    return {
        "id": str(participant.id),
        "name": participant.display_name,
        "kind": participant.kind,
        "role": participant.role,
        "external_user_id": participant.external_user_id,
        "self_muted": participant.self_muted,
        "host_muted": participant.host_muted,
        "hand_raised": participant.hand_raised,
        "audio": False,
        "joined_at": events.utc(participant.joined_at) if participant.joined_at else None,
    }


def _line(message: ChatMessage) -> dict[str, Any]:
    return {
        "message_id": str(message.id),
        "sender_id": str(message.participant_id) if message.participant_id else None,
        "sender": message.sender,
        "text": message.text,
        "client_id": message.client_id,
        "at": events.utc(message.created_at),
    }


def _call(report: Report) -> Call:
    call = db.session.get(Call, uuid.UUID(report["call"] or ""))
    if call is None:
        raise CallNotFound
    return call


def _chat(report: Report, arguments: dict[str, Any]) -> dict[str, Any]:
    if report["call"] is not None:
        sender = arguments.get("sender_name", "")
        message = actions.write(_call(report), arguments["text"], sender=sender)
        return _line(message) | {"new": True}
    found = db.session.get(Participant, uuid.UUID(report["participant"]))
    if found is None:
        raise ParticipantNotFound
    message, new = chat.send(found, arguments["text"], client_id=arguments.get("client_id"))
    return _line(message) | {"new": new}


def _stop_speaking(report: Report, _arguments: dict[str, Any]) -> dict[str, Any]:
    canceled = actions.stop_speaking(_call(report))
    return {"canceled": canceled, "played_ms": 0, "discarded_ms": 0}


def _hang_up(report: Report, _arguments: dict[str, Any]) -> None:
    calls.hang_up(_call(report))


def _mute(report: Report, arguments: dict[str, Any]) -> None:
    participants.mute(uuid.UUID(report["participant"]), self_muted=arguments["muted"])


def _sync(report: Report, arguments: dict[str, Any]) -> Facts:
    room = db.session.get(Room, uuid.UUID(report["room"]))
    if room is None:
        raise RoomEnded
    return facts(room, None, arguments["last_seq"])


_REQUESTS: dict[str, Callable[[Report, dict[str, Any]], Any]] = {
    "chat": _chat,
    "typing": lambda report, _arguments: actions.type(_call(report)),
    "say": lambda report, arguments: actions.say(_call(report), arguments["text"]),
    "stop_speaking": _stop_speaking,
    "dtmf": lambda report, arguments: actions.dial(_call(report), **arguments),
    "hang_up": _hang_up,
    "mute": _mute,
    "sync": _sync,
}
