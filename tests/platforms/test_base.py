"""A platform that nothing connects to yet."""

import pytest

from app.errors import AccountNotFound, InvalidMeetingURL, PlatformGated, PlatformNotConnected
from app.platforms.base import Connector
from app.platforms.facts import FACTS


def test_it_knows_its_addresses():
    zoom = Connector(FACTS["zoom"])

    assert zoom.target("https://zoom.us/j/123456789") == "https://zoom.us/j/123456789"
    with pytest.raises(InvalidMeetingURL):
        zoom.target("https://example.org/")


def test_it_can_do_nothing_and_says_what_is_missing():
    discord, meet = Connector(FACTS["discord"]), Connector(FACTS["meet"])

    assert (discord.name, discord.rate, discord.capabilities) == ("discord", 48_000, [])
    with pytest.raises(PlatformNotConnected, match="bot account"):
        discord.require_ready(test=False)
    with pytest.raises(PlatformGated, match="browser bridge"):
        meet.require_ready(test=False)


def test_a_test_key_reaches_it_never():
    with pytest.raises(PlatformGated, match="test key"):
        Connector(FACTS["discord"]).require_ready(test=True)


def test_it_has_no_accounts():
    discord = Connector(FACTS["discord"])

    discord.require_account(None)
    with pytest.raises(AccountNotFound):
        discord.require_account("discord:1")
