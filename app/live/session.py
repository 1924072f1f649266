"""One client's socket in a running room: what it may do, what it is told, how it sounds."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from app import websocket, wire
from app.live import commands
from app.live.conduct import Conduct
from app.live.peer import Peer
from app.live.source import Source
from app.media.frame import Samples, samples
from app.media.marks import Released
from app.media.resampler import Resampler
from app.websocket import Binary, Close, Failed, Message, Ping, Pong, Text, binary_header
from app.wire import WireError

if TYPE_CHECKING:
    from app.live.room import Room

PING_EVERY = 20.0
PONG_WITHIN = 20.0


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
        self.seen = 0  # Number of the newest event that the client was told, or is greeted with.
        self.capabilities: list[str] = []
        self.opened_at = time.monotonic()

        # Audio; the deck and the engine read these.
        self.source: Source | None = None
        self.slot = self.lane = self.place = -1
        self.hit: Callable[[int], None] = _nowhere
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
        self._frame_bytes = self._counted = self._bytes_out = 0

        self.frames_in = self.bytes_in = 0  # Of audio, without what came the short way.
        self.stats_every = 0.0
        self.stats_due = 0.0
        self.reported_drops = 0
        self.rtt_ms: int | None = None
        self._ping_due = self.opened_at + PING_EVERY
        self._pong_due = 0.0
        self.awaits_ready = False  # It was told its settings before its call was active.
        self._conduct = Conduct(translator.messages_per_second)

    # -- bytes in ------------------------------------------------------------------------------

    def read(self, count: int) -> None:
        """Take the first `count` bytes of the inbox, and whatever else there is."""
        self.take(bytes(self.inbox[:count]))

    def take(self, data: bytes) -> None:
        """Take bytes that were read elsewhere; if they filled the inbox there may be more."""
        whole = len(data) == len(self.inbox)
        self.receive_messages(self.peer.feed(data))
        if whole and not self.peer.closing:
            for message in self.peer.read():
                self.receive_messages([message])
        self.qualify()

    def receive_messages(self, messages: list[Message]) -> None:
        """Do what messages ask for; those behind the socket's end are left."""
        for message in messages:
            if self.peer.overflowing:
                self.fall_behind()
            if self.peer.closing:
                return
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
            pause = 1 if self.wire.play_out else 5
            self.complain_rarely("audio_overflow", "The oldest queued audio was dropped.", pause)

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
            if error.offence and self._conduct.offend(time.monotonic()):
                self.close(4400, "invalid_message")
            if error.close:
                self.close(error.close, error.code)

    @property
    def _speaks(self) -> bool:
        return self.may_write and "audio_out" in self.capabilities

    def _may_speak(self) -> bool:
        if self._speaks and self.source is not None:
            return True
        if not self.may_write:
            self.complain_rarely("insufficient_scope", "This key may only listen.", 1)
        elif "audio_out" not in self.capabilities:
            self.complain_rarely("audio_unsupported", "This call takes no audio.", 3600)
        else:
            self.complain_rarely("audio_not_started", "Start the audio first.", 5)
        return False

    def _control(self, message: Message) -> None:
        if isinstance(message, Ping):
            self.peer.send_control(websocket.encode_pong(message.payload))
        elif isinstance(message, Pong):
            self._pong_due = 0.0
            if message.payload.isdigit():
                self.rtt_ms = max(0, int(time.monotonic() * 1000) - int(message.payload))
        elif isinstance(message, Close):
            self.peer.send_control(websocket.answer_close(message))
            self.leave(clean=message.code == 1000)
        elif isinstance(message, Failed):
            if message.code == 1009:
                self.complain("frame_too_large", message.reason)
            self.close(message.code, message.reason)

    # -- audio settings ------------------------------------------------------------------------

    def qualify(self) -> None:
        """Find out whether whole frames may take the short way from now on."""
        source, room = self.source, self.room
        plain = source is not None and source.straight and self._speaks
        self.exact = room.deck.exact if room and plain and not self.peer.pending else -1

    def listen(self, receive: bool) -> None:
        """Start or stop receiving, or take a change of the rate in."""
        assert self.room is not None  # Commands come after the welcome.
        deck = self.room.deck
        self.audio_sent()
        self._frame_bytes = samples(self.rate) * 2
        self.receive = receive
        self.converts = receive and self.rate != deck.rate
        self._out = Resampler(deck.rate, self.rate) if self.converts else None
        self._out_head = binary_header(self._frame_bytes)
        hears = receive and self.room.members[self.participant_id].active
        (deck.listeners.add if hears else deck.listeners.discard)(self)
        deck.changed = True

    def audio_sent(self) -> tuple[int, int]:
        """Frames sent so far, and their bytes."""
        frames = self.sent + self.peer.sent_frames
        self._bytes_out += (frames - self._counted) * self._frame_bytes
        self._counted = frames
        return frames, self._bytes_out

    def send_converted(self, pcm: Samples) -> None:
        """Send what the room sounds like, at this socket's own rate."""
        if self._out is None:
            return
        frame = self._out.push(np.ascontiguousarray(pcm)).astype("<i2", copy=False).tobytes()
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
        elif event["seq"] > self.seen:
            self.seen = event["seq"]
            self.say(self.wire.event(event))

    def notice(self, name: str, /, **fields: Any) -> None:
        self.say(self.wire.notice(name, fields))

    def mark_reached(self, mark: Released) -> None:
        self.notice("mark_played", name=mark.name, played_ms=mark.played_ms, cleared=False)

    def complain(self, code: str, message: str, **fields: Any) -> None:
        known = {"retryable": False, "ref": None} | fields
        self.say(self.wire.notice("error", {"code": code, "message": message, **known}))

    def complain_rarely(self, code: str, message: str, seconds: float) -> None:
        if self._conduct.may_be_told(code, time.monotonic(), seconds):
            self.complain(code, message)

    # -- time and end --------------------------------------------------------------------------

    def attend(self, at: float) -> None:
        """Do what is due; called about once a second."""
        if self.peer.overflowing:
            self.fall_behind()
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

    def fall_behind(self) -> None:
        """Give a reader up who leaves too much unread."""
        self.refuse("slow_consumer", "Messages are not being read.", 1008)

    def fail(self) -> None:
        """End the socket after a fault of ours."""
        self.refuse("internal_error", "Something went wrong here.", self.wire.fault)

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
        if not self._conduct.may_talk(time.monotonic()):
            text = f"At most {self.wire.messages_per_second} messages a second."
            raise WireError("rate_limited", text, ref=command.ref, retryable=True)


def _nowhere(_place: int) -> None:
    """Stand in for a deck's list of hits; a socket without a slot never hits."""


def unread(header: Mapping[str, Any]) -> bytes:
    """The client's bytes that the web process had read past the upgrade request."""
    return base64.b64decode(header.get("unread", ""))
