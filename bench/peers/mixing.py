"""The conference the Python peers share: rooms, bounded queues, mix-minus with numpy."""

from collections import deque
from collections.abc import Callable

import numpy as np

FRAME_S = 0.02
FRAME_BYTES = 1920
BOUND = 5
SILENCE = bytes(FRAME_BYTES)

Send = Callable[[bytes | memoryview], None]


class Member:
    """One client: what it said and not yet heard, and how to reach it."""

    __slots__ = ("queue", "send")

    def __init__(self, send: Send) -> None:
        self.queue: deque[bytes] = deque(maxlen=BOUND)
        self.send = send


class Room:
    """The members of one path, and the scratch arrays of their mix."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self._shape = (0, 0)

    def mix(self) -> None:
        """Take one frame of everybody and send each the sum of the others."""
        frames = [member.queue.popleft() if member.queue else None for member in self.members]
        if len(frames) == 2:
            # Nothing to add up: each hears the other's bytes as they came.
            self.members[0].send(frames[1] or SILENCE)
            self.members[1].send(frames[0] or SILENCE)
        elif len(frames) == 1:
            self.members[0].send(SILENCE)
        else:
            self._mix_minus(frames)

    def _mix_minus(self, frames: list[bytes | None]) -> None:
        size = next((len(frame) for frame in frames if frame), FRAME_BYTES)
        silence = bytes(size)
        spoken = np.frombuffer(b"".join(frame or silence for frame in frames), np.int16)
        spoken = spoken.reshape(len(frames), size // 2)
        if self._shape != spoken.shape:
            self._shape = spoken.shape
            self._total = np.empty(spoken.shape[1], np.int32)
            self._others = np.empty(spoken.shape, np.int32)
        np.add.reduce(spoken, axis=0, dtype=np.int32, out=self._total)
        np.subtract(self._total, spoken, out=self._others)
        np.maximum(self._others, -32768, out=self._others)
        np.minimum(self._others, 32767, out=self._others)
        mixed = memoryview(self._others.astype(np.int16).tobytes())
        for i, member in enumerate(self.members):
            member.send(mixed[i * size : (i + 1) * size])


class Conference:
    """All rooms, by path."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}

    def join(self, path: str, send: Send) -> Member:
        """Add a client to the room of its path."""
        member = Member(send)
        self.rooms.setdefault(path, Room()).members.append(member)
        return member

    def leave(self, path: str, member: Member) -> None:
        """Take a client out; the last one closes the room."""
        room = self.rooms[path]
        room.members.remove(member)
        if not room.members:
            del self.rooms[path]

    def tick(self) -> None:
        """Mix one frame of every room."""
        for room in list(self.rooms.values()):
            room.mix()


def next_tick(due: float, now: float) -> float:
    """Return when to mix next: on an absolute schedule, given up when 200 ms late."""
    return due + FRAME_S if now - due < 0.2 else now + FRAME_S
