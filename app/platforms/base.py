"""What a platform is to the rest of the product: facts, an address form, and how ready it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import PlatformGated, PlatformNotConnected, PlatformUnsupported

AUDIO = ("audio_in", "audio_out")
TEXT = ("read", "write")


@dataclass(frozen=True)
class Facts:
    """One row of the platform table.

    `rate` is the native sample rate in Hz, `max_text` and `max_caption` count characters,
    `status` is that of an install without any connection.
    """

    name: str
    capabilities: tuple[str, ...]
    rate: int
    status: str
    reason: str | None = None
    max_text: int | None = None
    max_caption: int | None = None
    files: bool = False


class Connector:
    """A platform as calls see it. A subclass gives `facts` and overrides what it can do."""

    facts: Facts

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def rate(self) -> int:
        return self.facts.rate

    @property
    def capabilities(self) -> Sequence[str]:
        return self.facts.capabilities

    def target(self, meeting_url: str) -> str:
        """Check an address and return what is to be joined, in the platform's own words.

        Raises InvalidMeetingURL, PlatformUnsupported.
        """
        raise PlatformUnsupported(f"There are no calls on {self.name}.")

    def require_ready(self, *, test: bool) -> None:
        """Raise PlatformNotConnected or PlatformGated when nothing can be joined at present."""
        if test:
            raise PlatformGated("A test key reaches platform room alone.")
        if self.facts.status == "gated":
            raise PlatformGated(self.facts.reason or "")
        raise PlatformNotConnected(f"No {self.name} account is connected; add one first.")
