"""What a platform is to the rest of the product: facts, an address form, and how ready it is."""

from collections.abc import Sequence

from app.errors import AccountNotFound, PlatformGated, PlatformNotConnected
from app.platforms.facts import Facts
from app.platforms.targets import parse


class Connector:
    """A platform as calls see it.

    This class is a platform that nothing connects to yet: it knows its addresses and says what is
    missing. A subclass names in `works` what it carries and overrides what it can do.
    """

    works: frozenset[str] = frozenset()

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def rate(self) -> int:
        return self.facts.rate

    @property
    def capabilities(self) -> Sequence[str]:
        """What works today, in the order the APIs list it."""
        return [name for name in self.facts.capabilities if name in self.works]

    def target(self, meeting_url: str) -> str:
        """Check an address and return what is to be joined, in the platform's own words.

        Raises InvalidMeetingURL, PlatformUnsupported.
        """
        return parse(self.name, meeting_url)

    def require_ready(self, *, test: bool) -> None:
        """Raise PlatformNotConnected or PlatformGated when nothing can be joined at present."""
        if test:
            raise PlatformGated("A test key reaches platform room alone.")
        if self.facts.gated_calls:
            raise PlatformGated(self.facts.gated_calls)
        raise PlatformNotConnected(self.facts.reason or "")

    def require_account(self, account_id: str | None) -> None:
        """Raise AccountNotFound for an account that is not connected; None asks for any."""
        if account_id is not None:
            raise AccountNotFound
