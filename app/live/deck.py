"""All running rooms of one sample rate: their audio moves together, a few operations per tick."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.live.member import Member
from app.media.bank import FrameBank
from app.media.frame import samples
from app.media.jitter import Trimmer
from app.media.levels import peaks
from app.media.mixer import group_rooms, mix_rooms
from app.websocket import binary_header

if TYPE_CHECKING:
    from app.live.session import Session

_CLIENT_HEAD = 8  # Bytes before a client's payload: two, a length of two, a mask of four.
_CHUNK = 256  # Frames unmasked at once.
READ_FRAMES = 4  # Frames of one socket that a single read can bring.
_DEPTH = 32  # Frames a lane can hold; what is not used takes no memory.
_RECOVERY_TICKS = 25
_PACED = 2  # Frames; whoever had no more waiting sends in real time.


class Deck:
    """The rows, sockets and rooms of one rate.

    A socket whose bytes are exactly one masked frame of 20 ms is read into its slot of `inbox`,
    and all such slots are unmasked and queued at once. What a member hears is written behind a
    ready WebSocket header in its row of `outbox`, and sent from there to each of its sockets.
    """

    def __init__(self, rate: int, capacity: int = 64) -> None:
        self.rate = rate
        self.width = samples(rate)
        self.exact = _CLIENT_HEAD + 2 * self.width
        self.bank = FrameBank(rate, capacity, _DEPTH)
        self.trimmer = Trimmer(self.bank)
        self.hits: list[int] = []  # Frames that came whole: their places in the inbox, in order.
        self.members: set[Member] = set()
        self.rooms: dict[str, set[Member]] = {}
        self.changed = True  # Members, sources or listeners are not as at the latest tick.
        self.listeners: set[Session] = set()
        self.sessions: list[Session | None] = []
        self.intricate: set[Member] = set()  # Those whose row needs more than its lane.
        self.levels: npt.NDArray[np.float64] = np.zeros(0)
        self._recovering = 0  # Ticks for which what piled up is dropped,
        self._paced = np.zeros(0, np.bool_)  # and the lanes that had not been ahead.
        self._groups: list[npt.NDArray[np.intp]] = []
        self._fast: list[Session] = []
        self._converted: list[Session] = []
        self._free: list[int] = []
        self._server_head = np.frombuffer(binary_header(2 * self.width), np.int16)
        client_head = b"\x82" + bytes([binary_header(2 * self.width)[1] | 0x80])
        client_head += binary_header(2 * self.width)[2:]
        self._client_head = np.frombuffer(client_head, np.uint32)[0]
        self._generation = -1
        self._inbox = np.zeros((0, READ_FRAMES * self.exact), np.uint8)
        self._inbox_words = np.zeros((0, self.exact // 4), np.uint32)
        self._words = np.zeros((_CHUNK + READ_FRAMES, self.exact // 4), np.uint32)
        self._payload = np.zeros((_CHUNK + READ_FRAMES, self.width // 2), np.uint32)
        self._slot_lanes = np.zeros(0, np.intp)
        self._slot_frames = np.zeros(0, np.int64)  # Frames that came the short way.
        self._outbox = np.zeros((0, 2 + self.width), np.int16)

    def seat(self, session: "Session") -> int:
        """Give a socket a slot to be read into."""
        if not self._free:
            self._grow()
        slot = self._free.pop()
        self.sessions[slot] = session
        return slot

    def inbox(self, slot: int) -> memoryview:
        return memoryview(self._inbox[slot])

    def bind(self, slot: int, lane: int) -> None:
        """Say which lane the frames of a slot belong to."""
        self._slot_lanes[slot] = lane
        self._slot_frames[slot] = 0

    def frames_in(self, slot: int) -> int:
        """How many frames of a slot came the short way."""
        return int(self._slot_frames[slot])

    def unseat(self, slot: int) -> None:
        self.sessions[slot] = None
        # Its lane may be somebody else's before what was read is queued. The list stays the same
        # one, for sessions append to it.
        self.hits[:] = [place for place in self.hits if place // READ_FRAMES != slot]
        self._free.append(slot)

    def add(self, room_id: str, member: Member) -> None:
        self.members.add(member)
        self.rooms.setdefault(room_id, set()).add(member)
        self.changed = True

    def remove(self, room_id: str, member: Member) -> None:
        self.members.discard(member)
        self.intricate.discard(member)
        self.rooms[room_id].discard(member)
        if not self.rooms[room_id]:
            del self.rooms[room_id]
        member.close()
        self.changed = True

    def hit(self, slot: int, frames: int) -> None:
        """Note that the bytes read into a slot may be so many whole frames."""
        first = slot * READ_FRAMES
        self.hits.extend(range(first, first + frames))

    def collect(self) -> list[tuple["Session", bytes]]:
        """Queue the frames that were hit; returns the slots that held something else, as bytes."""
        places = np.array(self.hits, np.intp)
        self.hits.clear()
        others: list[tuple[Session, bytes]] = []
        start = 0
        while start < len(places):
            stop = min(start + _CHUNK, len(places))
            # What was read into one slot stays together.
            while stop < len(places) and places[stop] % READ_FRAMES:
                stop += 1
            others += self._unmask(places[start:stop])
            start = stop
        return others

    def recover(self) -> None:
        """Have what piles up while the engine stood still be dropped, for those who keep pace.

        An agent that was ahead before keeps all it sent; one that sends in real time would else be
        late for ever.
        """
        self._recovering = _RECOVERY_TICKS
        self._paced = self.bank.count <= _PACED

    def _unmask(self, places: npt.NDArray[np.intp]) -> list[tuple["Session", bytes]]:
        """Queue the frames at some places; in pieces of this size they stay in the core's cache."""
        slots = places // READ_FRAMES
        words, payload = self._words[: len(slots)], self._payload[: len(slots)]
        np.take(self._inbox_words, places, axis=0, out=words, mode="clip")
        strange = words[:, 0] != self._client_head
        others: list[tuple[Session, bytes]] = []
        if strange.any():
            odd = np.isin(slots, slots[strange])
            for slot in np.unique(slots[odd]):
                session = self.sessions[slot]
                if session is not None:
                    others.append((session, self._inbox_words[places[slots == slot]].tobytes()))
            slots, words, payload = slots[~odd], words[~odd], payload[: len(slots) - odd.sum()]
        self._slot_frames += np.bincount(slots, minlength=len(self._slot_frames))
        np.bitwise_xor(words[:, 2:], words[:, 1:2], out=payload)
        frames = payload.view(np.int16)
        for position in self.bank.push(self._slot_lanes[slots], frames):
            session = self.sessions[slots[position]]
            if session is not None:
                session.spill(frames[position : position + 1])
        return others

    def mix(self, measure: bool) -> None:
        """Make this tick's sound for every row; `measure` takes the levels as well."""
        if self.changed:
            self._arrange()
        current = self.bank.pop()
        if self._recovering:
            self._catch_up()
        for member in tuple(self.intricate):
            if member.active:
                member.play(current)
                if not member.intricate:
                    self.intricate.discard(member)
        self.trimmer.observe()
        if measure:
            self.levels = peaks(current)
        mix_rooms(current, self._groups, self._outbox[:, 2:])

    def send(self) -> None:
        """Give every listening socket its frame."""
        slow: list[Session] = []
        for session in self._fast:
            if session.peer.blocked:
                slow.append(session)
                continue
            try:
                sent = session.send(session.outbox)
            except BlockingIOError:
                sent = 0
            except OSError:
                session.peer.gone = True
                continue
            if sent != len(session.outbox):
                session.peer.partly_sent(session.outbox, sent)
            else:
                session.sent += 1
        for session in slow:
            session.peer.send_frame(session.outbox)
        for session in self._converted:
            session.send_converted(self._outbox[session.lane, 2:])

    def outbox(self, lane: int) -> memoryview:
        """The WebSocket frame of a row, rewritten at every tick."""
        return memoryview(self._outbox[lane].view(np.uint8))

    def _catch_up(self) -> None:
        self._recovering -= 1
        if len(self._paced) != self.bank.capacity:
            self._recovering = 0  # The bank has grown meanwhile; who it was is not known any more.
            return
        late = np.flatnonzero(self._paced & (self.bank.count > _PACED))
        self.bank.drop(late, self.bank.count[late] - _PACED)

    def _arrange(self) -> None:
        """Take in what joined, left or changed."""
        self.changed = False
        if self._generation != self.bank.generation or len(self._outbox) != self.bank.capacity:
            self._generation = self.bank.generation
            self._outbox = np.zeros((self.bank.capacity, 2 + self.width), np.int16)
            self._outbox[:, :2] = self._server_head
        rooms: list[Any] = [[m.lane for m in members] for members in self.rooms.values()]
        self._groups = group_rooms(rooms)
        self._fast = [s for s in self.listeners if not s.converts]
        self._converted = [s for s in self.listeners if s.converts]
        for session in self.listeners:
            session.outbox = self.outbox(session.lane)

    def _grow(self) -> None:
        first = len(self.sessions)
        more = max(64, first)
        # What was read into it in this tick is still to be collected.
        self._inbox = np.pad(self._inbox, ((0, more), (0, 0)))
        self._inbox_words = self._inbox.view(np.uint32).reshape(-1, self.exact // 4)
        self._slot_lanes = np.pad(self._slot_lanes, (0, more))
        self._slot_frames = np.pad(self._slot_frames, (0, more))
        self.sessions += [None] * more
        self._free = list(range(first + more - 1, first - 1, -1))
        for slot, session in enumerate(self.sessions):
            if session is not None:
                session.inbox = self.inbox(slot)
