"""A guest's visit in a real browser, on the real product, with a microphone that plays a tone."""

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.room.people import AGENTS, OWN, Page, Speaker, sit_down, take_seat
from tests.product import Product

pytestmark = pytest.mark.browser

CLEAR = 30  # dB between a tone that is heard and one that is not.


def test_guest_and_agent_hear_each_other_and_not_themselves(guest: Page, agent: Speaker) -> None:
    agent.say(AGENTS)

    guest.until(lambda: guest.hears(AGENTS)[0] > -60, "The guest never hears the agent.")
    guest.until(lambda: agent.hears(OWN)[0] > 0, "The agent never hears.")
    heard, own = guest.hears(AGENTS, OWN)
    agent_heard, agent_own = agent.hears(OWN, AGENTS)

    assert heard - own > CLEAR
    assert agent_heard - agent_own > CLEAR


def test_everybody_has_a_tile_and_a_ring_that_follows_the_voice(
    guest: Page, agent: Speaker
) -> None:
    guest.until(lambda: len(guest.tiles()) == 2)
    assert guest.tiles() == {
        "Ana Lovelace": "AL Ana Lovelace You",
        "Echo agent": "EA Echo agent Agent",
    }
    assert guest.text("count") == "2 in the room"
    assert not guest.speaking("Echo agent")

    agent.say(AGENTS)

    guest.until(lambda: guest.speaking("Echo agent"))
    guest.until(lambda: guest.speaking("Ana Lovelace"))


def test_the_m_key_mutes_and_unmutes(guest: Page, agent: Speaker) -> None:
    guest.until(lambda: agent.hears(OWN)[0] > 0)

    guest.press("m")
    guest.wait_for("mute-label", "Unmute")
    guest.until(lambda: "Muted" in guest.tiles()["Ana Lovelace"])
    guest.until(lambda: not any(b"".join(agent.frames[-25:])), "The agent still hears something.")

    guest.press("m")
    guest.wait_for("mute-label", "Mute")
    guest.until(lambda: agent.hears(OWN)[0] > 0)


def test_chat_goes_both_ways_and_the_m_key_is_a_letter_there(guest: Page, agent: Speaker) -> None:
    agent.send({"type": "send_chat", "text": "Welcome, see https://example.org/a."})
    guest.wait_for("unread", "1")
    guest.wait_for("news", "Echo agent writes: Welcome")

    guest.click("chat-toggle")
    guest.find("text").send_keys("Ahem, mmm <b>", Keys.ENTER)

    guest.until(lambda: guest.lines() == ["Welcome, see https://example.org/a.", "Ahem, mmm <b>"])
    guest.until(lambda: [m["text"] for m in agent.messages if m["type"] == "call_chat"])
    assert guest.text("mute-label") == "Mute"
    assert not guest.shows("unread")
    link = guest.browser.execute_script("return document.querySelector('#lines a').href")
    assert link == "https://example.org/a"


def test_others_are_announced_as_they_come_and_go(
    guest: Page, call: dict[str, Any], product: Product
) -> None:
    grace = sit_down(take_seat(product, call["join_url"], "Grace").json())

    guest.wait_for("news", "Grace joined")
    grace.leave()
    guest.wait_for("news", "Grace left")

    assert "Grace" not in guest.tiles()


def test_whoever_leaves_is_told_so_and_may_come_back(guest: Page, agent: Speaker) -> None:
    guest.click("leave")
    guest.wait_for("over-title", "You left the room.")
    guest.until(lambda: [m for m in agent.messages if m["type"] == "participant_left"])

    guest.click("again")
    assert guest.find("name").get_attribute("value") == "Ana Lovelace"
    guest.click("join")

    guest.wait_for("state", "Connected")


def test_a_reload_keeps_the_seat(guest: Page, agent: Speaker) -> None:
    guest.browser.refresh()
    guest.click("join")
    guest.wait_for("state", "Connected")
    guest.until(lambda: len(guest.tiles()) == 2)

    assert [m for m in agent.messages if m["type"] == "participant_left"] == []


def test_the_browser_finds_nothing_to_complain_of(guest: Page) -> None:
    complaints = [entry["message"] for entry in guest.browser.get_log("browser")]  # type: ignore[no-untyped-call]  # Selenium's.

    assert [text for text in complaints if "Content Security Policy" in text] == []
    assert [text for text in complaints if "Uncaught" in text] == []
