"""What the registrar tells an engine to do."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.live.deck import Deck
from app.live.room import Room, concerns, describe
from app.live.session import Session, unread

if TYPE_CHECKING:
    from app.live.engine import Engine

Order = dict[str, Any]


def obey(engine: "Engine", order: Order) -> None:
    """Carry out one order; its `op` is the name."""
    _ORDERS[order["op"]](engine, order)


def _welcome(engine: "Engine", order: Order) -> None:
    """Let a socket in: {sid, room, facts} with the facts of `Wire.welcome`."""
    session = engine.waiting.pop(order["sid"], None)
    if session is None:
        return
    engine.watch(session)
    room = _room(engine, order["room"], order["facts"]["rate"])
    streams = sum(other.call_id == session.call_id for other in room.sessions)
    if session.call_id is not None and streams >= engine.max_streams:
        session.refuse("too_many_streams", "This call has all the streams it may have.", 4429)
        gone = {"op": "detached", "room": room.id, "last": False, "clean": True}
        engine.report(gone | describe(session))
        return
    engine.guarded(session, room.admit, session, order["facts"])
    engine.guarded(session, session.take, unread(session.header))


def _refuse(engine: "Engine", order: Order) -> None:
    """Turn a socket away: {sid, code, message, close}."""
    session = engine.waiting.pop(order["sid"], None)
    if session is not None:
        engine.watch(session)
        session.refuse(order["code"], order["message"], order["close"])


def _event(engine: "Engine", order: Order) -> None:
    """Tell a room of an event: {event: {seq, at, type, room_id, call_id, payload}}."""
    event = order["event"]
    for session in engine.waiting.values():
        if session.header["room_id"] == event["room_id"] and concerns(event, session):
            session.tell(event)
    room = engine.rooms.get(event["room_id"])
    if room is not None:
        room.happen(event)


def _answer(engine: "Engine", order: Order) -> None:
    """Bring what came of a request: {sid, room, name, ref, result or error}."""
    room = engine.rooms.get(order["room"])
    found = [s for s in room.sessions if s.id == order["sid"]] if room is not None else []
    if room is None or not found:
        return
    session = found[0]
    if "error" in order:
        if order["name"] == "sync":
            room.release_held(session, session.seen)
        session.complain(**order["error"], ref=order["ref"])
    elif order["name"] == "sync":
        _synced(room, session, order["result"])
    else:
        session.notice("answer", name=order["name"], result=order["result"], ref=order["ref"])


def _synced(room: Room, session: Session, facts: dict[str, Any]) -> None:
    for event in facts["replay"] or []:
        session.say(session.wire.event(event))
    replayed = len(facts["replay"] or [])
    session.notice("synced", **facts, replayed=replayed, reset=facts["replay"] is None)
    room.release_held(session, facts["last_seq"])


def _ask(engine: "Engine", order: Order) -> None:
    """Do something for the REST API and reply: {id, room, name, …}."""
    room = engine.rooms.get(order["room"])
    result: Any = None
    if room is None:
        result = None
    elif order["name"] == "clear":
        result = room.clear(order["participant"])
    elif order["name"] == "watch":
        room.watched_until = time.monotonic() + order["seconds"]
    engine.link.send({"op": "reply", "id": order["id"], "result": result})


def _typing(engine: "Engine", order: Order) -> None:
    """Show that somebody is writing, wherever that is shown: {room_id, participant_id}."""
    room = engine.rooms.get(order["room_id"])
    for session in room.sessions if room is not None else ():
        session.notice("typing", participant_id=order["participant_id"])


def _revoked(engine: "Engine", order: Order) -> None:
    """Close the sockets that came in with keys that are worthless now: {keys}."""
    for session in list(engine.sessions.values()):
        if session.key_id in order["keys"]:
            session.refuse("unauthorized", "The key has been revoked.", 4401)


def _close(engine: "Engine", order: Order) -> None:
    """Forget a room that nobody is in: {room}."""
    room = engine.rooms.get(order["room"])
    if room is not None and not room.sessions:
        room.close()
        del engine.rooms[order["room"]]


def _dismiss(engine: "Engine", order: Order) -> None:
    """Send everybody in a room to the process that has it now: {room}."""
    room = engine.rooms.get(order["room"])
    for session in list(room.sessions) if room is not None else ():
        session.notice("goaway", reason="shutdown", in_ms=0)
        session.close(1001, "shutting_down")
    _close(engine, order)


def _stop(engine: "Engine", _order: Order) -> None:
    engine.running = False


def _room(engine: "Engine", room_id: str, rate: int) -> Room:
    if room_id not in engine.rooms:
        deck = engine.decks.get(rate)
        if deck is None:
            deck = engine.decks[rate] = Deck(rate)
        engine.rooms[room_id] = Room(room_id, deck, engine.report, engine.clock.latency)
    return engine.rooms[room_id]


_ORDERS: dict[str, Callable[["Engine", Order], None]] = {
    "welcome": _welcome,
    "refuse": _refuse,
    "event": _event,
    "answer": _answer,
    "ask": _ask,
    "typing": _typing,
    "revoked": _revoked,
    "close": _close,
    "dismiss": _dismiss,
    "stop": _stop,
}
