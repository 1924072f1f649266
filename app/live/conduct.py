"""How a client behaves: how fast it talks, and how much of that is nonsense."""

from collections import deque

OFFENCES = 20  # Useless messages within
OFFENCE_WINDOW = 10.0  # seconds before a socket is closed.


class Conduct:
    """What one socket's client has done lately; all times are seconds of one clock."""

    def __init__(self, messages_per_second: int) -> None:
        self.messages_per_second = messages_per_second
        self._second = 0
        self._messages = 0
        self._offences: deque[float] = deque(maxlen=OFFENCES)
        self._spoken: dict[str, float] = {}

    def may_talk(self, at: float) -> bool:
        """Count a message; False for one beyond what a second allows."""
        if int(at) != self._second:
            self._second, self._messages = int(at), 0
        self._messages += 1
        return self._messages <= self.messages_per_second

    def offend(self, at: float) -> bool:
        """Count a useless message; True when it is one too many."""
        self._offences.append(at)
        full = len(self._offences) == OFFENCES
        return full and at - self._offences[0] < OFFENCE_WINDOW

    def may_be_told(self, code: str, at: float, seconds: float) -> bool:
        """Whether an error is due that is told once in so many seconds; notes that it is."""
        if at - self._spoken.get(code, at - seconds) < seconds:
            return False
        self._spoken[code] = at
        return True
