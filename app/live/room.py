"""A running room: its members, the sockets in it, and what it hears from the event log."""

from collections.abc import Callable, Mapping
from typing import Any

from app.live import commands
from app.live.deck import READ_FRAMES, Deck
from app.live.member import Member
from app.live.session import Session
from app.live.source import Playout

TERMINAL = ("ended", "refused", "missed")
_LEVEL_FLOOR = -60.0  # dBFS; quieter members are not worth telling of.

Report = Callable[[dict[str, Any]], None]


class Room:
    """What the engine keeps of a room. `report` sends to the registrar."""

    def __init__(
        self, room_id: str, deck: Deck, report: Report, latency: Callable[[], Any]
    ) -> None:
        self.id = room_id
        self.deck = deck
        self.latency = latency
        self.sessions: list[Session] = []
        self.members: dict[str, Member] = {}
        self.active_calls: set[str] = set()
        self.watched_until = 0.0
        self._report = report
        self._muted: dict[str, tuple[bool, bool]] = {}  # (by itself, by a host)
        self._quiet = True

    # -- sockets -------------------------------------------------------------------------------

    def admit(self, session: Session, facts: Mapping[str, Any]) -> None:
        """Let a socket in: greet it, tell it what it missed, then what comes."""
        if session.call_id and facts["state"] == "active":
            self._call_began(session.call_id)
        session.room = self
        session.capabilities = list(facts["capabilities"])
        session.rate = self.deck.rate
        self.sessions.append(session)
        for person in facts["participants"]:
            self._muted[person["id"]] = person["self_muted"], person["host_muted"]
        for message in session.wire.welcome(facts):
            session.say(message)
        if facts["state"] in TERMINAL:
            session.close(1000, "call_ended")
            return
        if session.wire.binary_ready:
            self.start_audio(session)
        for event in self.release_held(session, facts["last_seq"]):
            self._follow(event)  # The room may not have been here yet when it came.
        session.qualify()

    def release_held(self, session: Session, after: int) -> list[dict[str, Any]]:
        """Tell the events that waited, as far as they are news; returns those."""
        held, session.held = session.held or [], None
        session.seen = max(session.seen, after)
        news = [event for event in held if event["seq"] > session.seen]
        for event in news:
            session.tell(event)
        return news

    def drop(self, session: Session, *, clean: bool) -> None:
        """Let a socket go; an agent's queued audio plays on."""
        self.stop_audio(session, None)
        self.sessions.remove(session)
        session.room = None
        last = all(other.participant_id != session.participant_id for other in self.sessions)
        self._report(
            {"op": "detached", "room": self.id, "last": last, "clean": clean, **describe(session)}
        )

    def ready(self, session: Session) -> bool:
        return session.call_id is None or session.call_id in self.active_calls

    # -- audio ---------------------------------------------------------------------------------

    def start_audio(self, session: Session) -> None:
        """Give a socket a source in its member's sound; a microphone moves to the newer socket."""
        if session.source is not None:
            return
        play_out = session.wire.play_out
        if not play_out:
            for other in self.sessions:
                if other.participant_id == session.participant_id and other.source is not None:
                    self.stop_audio(other, "replaced")
        member = self._member(session)  # Stopping the other may have let the former one go.
        session.source = member.add_source(play_out=play_out, owner=session)
        self.mute(session.participant_id)
        session.lane = member.lane
        session.slot = self.deck.seat(session)
        session.inbox = self.deck.inbox(session.slot)
        session.place = session.slot * READ_FRAMES
        session.hit = self.deck.hits.append
        self.deck.bind(session.slot, session.source.lane)

    def stop_audio(self, session: Session, reason: str | None) -> None:
        """Take a socket out of the sound; with a reason the client is told."""
        self.deck.listeners.discard(session)
        self.deck.changed = True
        if session.source is None:
            return
        member = self.members[session.participant_id]
        member.release(session.source)
        self.deck.unseat(session.slot)
        session.inbox = memoryview(bytearray(1 << 16))
        session.source, session.slot, session.receive = None, -1, False
        session.qualify()
        self._tidy(member)
        if reason is not None:
            session.notice("stopped_audio", reason=reason)

    def clear(self, participant_id: str) -> tuple[int, int]:
        """Silence an agent everywhere; returns (played ms, discarded ms)."""
        member = self.members.get(participant_id)
        if member is None:
            return 0, 0
        played, discarded, marks = member.clear()
        for source, name in marks:
            for session in self.sessions:
                if session.source is source and isinstance(source, Playout):
                    at = source.queue.played * 1000 // self.deck.rate
                    session.notice("mark_played", name=name, played_ms=at, cleared=True)
        for session in self.sessions:
            if session.source in member.sources:
                session.qualify()
        return played, discarded

    def mute(self, participant_id: str, **changed: bool) -> None:
        """Apply a participant's mutes to its sound."""
        own, hosts = self._muted.get(participant_id, (False, False))
        own, hosts = changed.get("self_muted", own), changed.get("host_muted", hosts)
        self._muted[participant_id] = own, hosts
        if participant_id in self.members:
            self.members[participant_id].mute(own or hosts)

    def tell_levels(self, at: float) -> None:
        """Tell how loud everybody is, to the sockets that show it and to a watching dashboard."""
        watched = at < self.watched_until
        shown = [session for session in self.sessions if session.wire.levels]
        if not shown and not watched:
            return
        levels = {
            member.participant_id: round(float(self.deck.levels[member.lane]), 1)
            for member in self.members.values()
            if self.deck.levels[member.lane] > _LEVEL_FLOOR
        }
        if self._quiet and not levels:
            return
        self._quiet = not levels
        for session in shown:
            session.notice("levels", levels=levels)
        if watched:
            self._report({"op": "levels", "room": self.id, "levels": levels})

    def tidy(self) -> None:
        """Let go of sources whose last sound has been played, and of silent members."""
        for member in list(self.members.values()):
            member.tidy()
            self._tidy(member)

    def close(self) -> None:
        """Take what is left of the room out of the mix."""
        for member in self.members.values():
            self.deck.remove(self.id, member)
        self.members.clear()

    # -- events --------------------------------------------------------------------------------

    def happen(self, event: dict[str, Any]) -> None:
        """Take an event in and tell everybody whom it concerns."""
        for session in self.sessions:
            if concerns(event, session):
                session.tell(event)
        self._follow(event)

    def request(
        self, session: Session, name: str, arguments: dict[str, Any], ref: str | None
    ) -> None:
        """Have the registrar do something that changes rows; its answer comes to the session."""
        self._report(
            {
                "op": "request",
                "room": self.id,
                "name": name,
                "arguments": arguments,
                "ref": ref,
                **describe(session),
            }
        )

    def _follow(self, event: Mapping[str, Any]) -> None:
        """Change with an event; the second time it changes nothing."""
        payload, call_id = event["payload"], event["call_id"]
        if event["type"] == "participant.muted":
            mutes = {name: payload[name] for name in ("self_muted", "host_muted")}
            self.mute(payload["id"], **mutes)
        elif event["type"] == "call.state" and payload["state"] == "active":
            self._call_began(call_id)
        elif event["type"] == "call.state" and payload["state"] in TERMINAL:
            self._call_ended(call_id)
        elif event["type"] == "room.ended":
            for session in [s for s in self.sessions if s.call_id is None]:
                session.close(1000, "room_ended")  # Streams close with their own call's end.

    def _call_began(self, call_id: str) -> None:
        """Let the sound that was held for a call begin."""
        if call_id in self.active_calls:
            return
        self.active_calls.add(call_id)
        for member in self.members.values():
            if member.call_id == call_id:
                member.activate()
                self.deck.intricate.add(member)
        for session in self.sessions:
            if session.call_id == call_id:
                session.qualify()
                session.listen(session.receive)
                if session.awaits_ready:
                    commands.configured(session, None)

    def _call_ended(self, call_id: str) -> None:
        self.active_calls.discard(call_id)
        for session in list(self.sessions):
            if session.call_id == call_id:
                session.close(1000, "call_ended")
        for member in list(self.members.values()):
            if member.call_id == call_id:
                member.clear()
                self._tidy(member)

    def _member(self, session: Session) -> Member:
        member = self.members.get(session.participant_id)
        if member is None:
            member = Member(self.deck, session.participant_id, session.call_id)
            if self.ready(session):
                member.activate()
            self.members[session.participant_id] = member
            self.deck.add(self.id, member)
        return member

    def _tidy(self, member: Member) -> None:
        if not member.sources and member.participant_id in self.members:
            del self.members[member.participant_id]
            self.deck.remove(self.id, member)


def concerns(event: Mapping[str, Any], session: Session) -> bool:
    """Whether a socket in the event's room is told of it: other calls' events are not."""
    return event["call_id"] is None or session.call_id in (None, event["call_id"])


def describe(session: Session) -> dict[str, Any]:
    """What the registrar knows a socket by."""
    return {
        "sid": session.id,
        "dialect": session.dialect,
        "participant": session.participant_id,
        "call": session.call_id,
        "key": session.key_id,
    }
