"""Somebody in a running room: one row of the mix, fed by one or several sources."""

from typing import TYPE_CHECKING

import numpy as np

from app.live.source import Microphone, Owner, Playout, Source
from app.media.frame import Samples
from app.media.mixer import LIMITS

if TYPE_CHECKING:
    from app.live.deck import Deck


class Member:
    """A participant with sound. The row `lane` is what the others hear of it."""

    def __init__(self, deck: "Deck", participant_id: str, call_id: str | None) -> None:
        self.deck = deck
        self.participant_id = participant_id
        self.call_id = call_id
        self.lane = deck.bank.open()
        self.active = call_id is None  # An agent's sound is held until its call is active.
        self.sources: dict[Source, bool] = {}  # With whether a socket still feeds it.

    def add_source(self, *, play_out: bool, owner: Owner) -> Source:
        """Return a source for a new socket; the first one lies in the member's own row."""
        self.tidy()
        own_row_free = all(source.lane != self.lane for source in self.sources)
        lane = self.lane if own_row_free else self.deck.bank.open()
        bank = self.deck.bank
        bank.underruns[lane] = bank.dropped[lane] = 0  # A socket's own counters.
        source = Playout(bank, lane, owner) if play_out else Microphone(bank, lane)
        self.sources[source] = True
        source.held = not self.active
        if lane != self.lane:
            self.deck.intricate.add(self)
        if not play_out:
            self.deck.trimmer.watch(lane)
        self.deck.changed = True
        return source

    def activate(self) -> None:
        """Let held sound begin."""
        self.active = True
        for source in self.sources:
            source.held = False
        self.deck.changed = True

    def release(self, source: Source) -> None:
        """Let go of a socket's source; what an agent has queued still plays."""
        if source not in self.sources:
            return
        if isinstance(source, Playout) and not source.drained:
            self.sources[source] = False
            source.owner = None
        else:
            self._remove(source)

    def tidy(self) -> None:
        """Remove the sources whose socket is gone and whose audio has been played."""
        for source, fed in list(self.sources.items()):
            if not fed and isinstance(source, Playout) and source.drained:
                self._remove(source)

    def play(self, current: Samples) -> None:
        """Bring the queues behind the lanes, and further sources, into the member's row."""
        own = None
        for source in self.sources:
            if source.slow:
                source.pull(current)
            if source.lane == self.lane:
                own = source
        for source in self.sources:
            if source is not own:
                total = current[self.lane].astype(np.int32) + current[source.lane]
                current[self.lane] = np.clip(total, *LIMITS)

    @property
    def intricate(self) -> bool:
        """Whether the row needs more than what lies in its lane."""
        return any(source.slow or source.lane != self.lane for source in self.sources)

    def clear(self) -> tuple[int, int, list[tuple[Source, str]]]:
        """Silence all sources; returns (played ms, discarded ms, marks let go)."""
        played = discarded = 0
        marks: list[tuple[Source, str]] = []
        for source in self.sources:
            if isinstance(source, Microphone):
                source.clear()
                continue
            heard, lost, names = source.clear()
            played, discarded = max(played, heard), discarded + lost
            marks += [(source, name) for name in names]
        return played, discarded, marks

    def mute(self, muted: bool) -> None:
        for lane in {self.lane, *(source.lane for source in self.sources)}:
            self.deck.bank.muted[lane] = muted

    def close(self) -> None:
        """Leave the mix; everything queued is gone."""
        for source in list(self.sources):
            self._remove(source)
        self.deck.bank.close(self.lane)

    def _remove(self, source: Source) -> None:
        del self.sources[source]
        self.deck.trimmer.unwatch(source.lane)
        self.deck.changed = True
        if source.lane == self.lane:
            self.deck.bank.clear(source.lane)
        else:
            self.deck.bank.close(source.lane)
