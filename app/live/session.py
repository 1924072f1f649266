"""One client's socket in a running room: what it may do, what it is told, how it sounds."""

import base64
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from app import websocket, wire
from app.live import commands
from app.live.peer import Peer
from app.live.source import Source
from app.media.frame import Samples
from app.media.marks import Released
from app.media.resampler import Resampler
from app.websocket import Binary, Close, Failed, Message, Ping, Pong, Text, binary_header
from app.wire import WireError

if TYPE_CHECKING:
    from app.live.room import Room

PING_EVERY = 20.0
PONG_WITHIN = 20.0
OFFENCES = 20  # Useless messages within
OFFENCE_WINDOW = 10.0  # seconds before the socket is closed.


class Session:
    """A socket from its welcome to its end.

    The engine reads it through `inbox` and `exact`; the deck sends from `outbox`.
    """

    def __init__(self, header: Mapping[str, Any], peer: Peer, translator: wire.Wire) -> None:
        self.id: str = header["stream_id"]
        self.dialect: str = header["dialect"]
        self.participant_id: str = header["participant_id"]
        self.call_id: str | None = header.get("call_id")
        self.key_id: str | None = header.get("key_id")
        self.may_write: bool = header.get("may_write", True)
        self.header = header
        self.peer = peer
        self.wire = translator
        self.room: Room | None = None
        self.ending: set[Session] = set()  # The engine's; whoever is in it is shut next.
        self.held: list[dict[str, Any]] | None = []  # Events that came before the welcome.
        self.capabilities: list[str] = []
        self.opened_at = time.monotonic()

        # Audio; the deck and the engine read these.
        self.source: Source | None = None
        self.slot = self.lane = -1
        self.exact = -1  # Bytes of a frame that may take the short way; -1: none may.
        self.rate = 0
        self.receive = False
        self.converts = False
        self.inbox = memoryview(bytearray(1 << 16))
        self.outbox = memoryview(b"")
        self.send = peer.send
        self.sent = 0
        self._out: Resampler | None = None
        self._out_head = b""

        self.frames_in = self.bytes_in = 0  # Of audio, without what came the short way.
        self.stats_every = 0.0
        self.stats_due = 0.0
        self.reported_drops = 0
        self.rtt_ms: int | None = None
        self._ping_due = self.opened_at + PING_EVERY
        self._pong_due = 0.0
        self._offences: list[float] = []
        self._spoken: dict[str, float] = {}  # When an error was last told that is told rarely.
        self._second = 0
        self._messages = 0

    # -- bytes in ------------------------------------------------------------------------------

    def read(self, count: int) -> None:
        """Take the first `count` bytes of the inbox, and whatever else there is."""
        whole = count == len(self.inbox)
        self.receive_messages(self.peer.feed(bytes(self.inbox[:count])))
        if whole and not self.peer.gone:
            for message in self.peer.read():
                self.receive_messages([message])
        self.qualify()

    def receive_messages(self, messages: list[Message]) -> None:
        for message in messages:
            if isinstance(message, Binary):
                self.hear(message.payload)
            elif isinstance(message, Text):
                self.obey(message.text)
            else:
                self._control(message)

    def hear(self, payload: bytes) -> None:
        """Take a binary message."""
        self.frames_in += 1
        self.bytes_in += len(payload)
        if not payload or not self._may_speak():
            return
        assert self.source is not None  # _may_speak has seen to it.
        if len(payload) % 2 and not self.wire.odd_bytes:
            self.complain_rarely("invalid_audio", "A frame must hold whole samples.", 5)
            return
        self.took(self.source.feed(payload))

    def spill(self, frames: Samples) -> None:
        """Take frames that the lane had no room for."""
        if self.source is not None:
            self.took(self.source.push(frames))
            self.qualify()

    def took(self, dropped: int) -> None:
        """See to what follows from audio that was queued."""
        if self.source is not None and self.source.slow and self.room is not None:
            self.room.deck.intricate.add(self.room.members[self.participant_id])
        if dropped:
            self.complain_rarely("audio_overflow", "The oldest queued audio was dropped.", 1)

    def obey(self, text: str) -> None:
        """Take a text message."""
        try:
            command = self.wire.parse(text)
            if command is not None:
                if not isinstance(command, wire.PlayAudio):
                    self._count_message(command)
                commands.carry_out(self, command)
        except WireError as error:
            self.complain(error.code, str(error), retryable=error.retryable, ref=error.ref)
            if error.offence:
                self._offend()
            if error.close:
                self.close(error.close, error.code)

    def _may_speak(self) -> bool:
        if not self.may_write:
            self.complain_rarely("insufficient_scope", "This key may only listen.", 1)
        elif "audio_out" not in self.capabilities:
            self.complain_rarely("audio_unsupported", "This call takes no audio.", 3600)
        elif self.source is None:
            self.complain_rarely("audio_not_started", "Start the audio first.", 5)
        else:
            return True
        return False

    def _control(self, message: Message) -> None:
        if isinstance(message, Ping):
            self.peer.send_control(websocket.encode_pong(message.payload))
        elif isinstance(message, Pong):
            self._pong_due = 0.0
            if message.payload.isdigit():
                self.rtt_ms = max(0, int(time.monotonic() * 1000) - int(message.payload))
        elif isinstance(message, Close):
            if not self.peer.closing:
                self.peer.send_control(websocket.answer_close(message))
            self.leave(clean=message.code in (1000, websocket.NO_CODE))
        elif isinstance(message, Failed):
            if message.code == 1009:
                self.complain("frame_too_large", message.reason)
            self.close(message.code, message.reason)

    # -- audio settings ------------------------------------------------------------------------

    def qualify(self) -> None:
        """Find out whether whole frames may take the short way from now on."""
        source, room = self.source, self.room
        plain = source is not None and room is not None and source.straight and self.may_write
        self.exact = room.deck.exact if room and plain and not self.peer.pending else -1

    def listen(self, receive: bool) -> None:
        """Start or stop receiving, or take a change of the rate in."""
        assert self.room is not None  # Commands come after the welcome.
        deck = self.room.deck
        self.receive = receive
        self.converts = receive and self.rate != deck.rate
        self._out = Resampler(deck.rate, self.rate) if self.converts else None
        self._out_head = binary_header(self.rate // 50 * 2)
        hears = receive and self.room.members[self.participant_id].active
        (deck.listeners.add if hears else deck.listeners.discard)(self)
        deck.changed = True

    def send_converted(self, pcm: Samples) -> None:
        """Send what the room sounds like, at this socket's own rate."""
        if self._out is None:
            return
        frame = self._out.push(np.ascontiguousarray(pcm)).astype("<i2", copy=False).tobytes()
        if self.peer.blocked:
            self.peer.flush()
        self.peer.send_frame(self._out_head + frame)

    # -- words out -----------------------------------------------------------------------------

    def say(self, message: wire.Message | None) -> None:
        """Send one of the dialect's messages."""
        if message is not None and not self.peer.closing:
            self.peer.send_text(json.dumps(message, separators=(",", ":")).encode())

    def tell(self, event: dict[str, Any]) -> None:
        """Tell of an event, once, in order."""
        if self.held is not None:
            self.held.append(event)
        else:
            self.say(self.wire.event(event))

    def notice(self, name: str, /, **fields: Any) -> None:
        if self.held is None:
            self.say(self.wire.notice(name, fields))

    def mark_reached(self, mark: Released) -> None:
        self.notice("mark_played", name=mark.name, played_ms=mark.played_ms, cleared=False)

    def complain(self, code: str, message: str, **fields: Any) -> None:
        known = {"retryable": False, "ref": None} | fields
        self.say(self.wire.notice("error", {"code": code, "message": message, **known}))

    def complain_rarely(self, code: str, message: str, seconds: float) -> None:
        at = time.monotonic()
        if at - self._spoken.get(code, -seconds) >= seconds:
            self._spoken[code] = at
            self.complain(code, message)

    # -- time and end --------------------------------------------------------------------------

    def attend(self, at: float) -> None:
        """Do what is due; called about once a second."""
        if self.peer.overflowing:
            self.complain("slow_consumer", "Messages are not being read.")
            self.close(1008, "slow_consumer")
        if self.peer.dropped_frames > self.reported_drops:
            frames = self.peer.dropped_frames - self.reported_drops
            self.reported_drops += frames
            self.notice("dropped", frames=frames, total=self.reported_drops)
        if self.stats_every and at >= self.stats_due:
            self.stats_due = at + self.stats_every
            commands.report_stats(self, None)
        if self._pong_due and at > self._pong_due:
            self.leave(clean=False)
        elif at > self._ping_due:
            self._ping_due = at + PING_EVERY
            self._pong_due = self._pong_due or at + PONG_WITHIN
            self.peer.send_control(websocket.encode_ping(str(int(at * 1000)).encode()))

    def refuse(self, code: str, message: str, close: int) -> None:
        """Say why and end the socket."""
        self.complain(code, message)
        self.close(close, code)

    def close(self, code: int, reason: str) -> None:
        """End the socket from our side."""
        self.peer.close(code, reason)
        self.leave(clean=code == 1000)

    def leave(self, *, clean: bool) -> None:
        """Leave the room; the engine shuts the socket when what waits has been written."""
        self.peer.closing = True
        self.ending.add(self)
        if self.room is not None:
            self.room.drop(self, clean=clean)

    def _count_message(self, command: wire.Command) -> None:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._messages = second, 0
        self._messages += 1
        if self._messages > self.wire.messages_per_second:
            text = f"At most {self.wire.messages_per_second} messages a second."
            raise WireError("rate_limited", text, ref=command.ref, retryable=True)

    def _offend(self) -> None:
        at = time.monotonic()
        self._offences = [then for then in self._offences if at - then < OFFENCE_WINDOW] + [at]
        if len(self._offences) >= OFFENCES:
            self.close(4400, "invalid_message")


def unread(header: Mapping[str, Any]) -> bytes:
    """The client's bytes that the web process had read past the upgrade request."""
    return base64.b64decode(header.get("unread", ""))
