"""The guest's page in a real browser, on the real product, with a microphone that plays a tone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import OpenBrowser
from tests.browser.room import (
    TAP,
    Page,
    Speaker,
    agent_of,
    place_call,
    sit_down,
    take_seat,
    write_voice,
)
from tests.product import Product

pytestmark = pytest.mark.browser

OWN, AGENTS = 440.0, 880.0
CLEAR = 30  # dB between a tone that is heard and one that is not.
ANYWHERE = "http://patch.test"  # A name that is not this machine's: browsers trust it with nothing.


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("voice") / "guest.wav"
    write_voice(path, OWN)
    return path


@pytest.fixture(scope="session")
def talking(open_browser: OpenBrowser, voice: Path) -> Page:
    """A browser whose microphone says the guest's tone and may be used."""
    browser = open_browser(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={voice}",
        "--host-resolver-rules=MAP patch.test 127.0.0.1",
    )
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": TAP})
    return Page(browser)


@pytest.fixture
def page(talking: Page) -> Iterator[Page]:
    yield talking
    talking.browser.get("about:blank")


@pytest.fixture(scope="session")
def refusing(open_browser: OpenBrowser) -> Page:
    """A browser that has a microphone and does not give it away."""
    flags = "--use-fake-device-for-media-stream", "--deny-permission-prompts"
    return Page(open_browser(*flags))


@pytest.fixture
def call(product: Product) -> dict[str, Any]:
    return place_call(product)


@pytest.fixture
def agent(product: Product, call: dict[str, Any]) -> Iterator[Speaker]:
    found = agent_of(product, call)
    yield found
    found.leave()


@pytest.fixture
def guest(page: Page, call: dict[str, Any], agent: Speaker) -> Page:
    """A guest called Ana in the room with the agent."""
    page.open(call["join_url"])
    page.join("Ana Lovelace")
    return page


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


def test_a_lost_connection_comes_back_with_what_was_missed(guest: Page, agent: Speaker) -> None:
    agent.send({"type": "send_chat", "text": "before"})
    guest.until(lambda: guest.lines() == ["before"])
    _offline(guest, True)
    guest.wait_for("state", "Connection lost")
    agent.send({"type": "send_chat", "text": "meanwhile"})
    _offline(guest, False)
    guest.wait_for("state", "Connected")
    agent.send({"type": "send_chat", "text": "after"})

    guest.until(lambda: guest.lines() == ["before", "meanwhile", "after"])
    agent.say(AGENTS)
    guest.until(lambda: guest.hears(AGENTS)[0] > -60, "Sound does not come back.")
    agent.frames.clear()
    guest.until(lambda: len(agent.frames) > 50 and agent.hears(OWN)[0] > 0)
    assert [m for m in agent.messages if m["type"] == "participant_left"] == []


def test_a_killed_engine_is_survived(page: Page, start_product: Callable[..., Product]) -> None:
    own = start_product(LIVE_PROCESSES="1", WEB_CONCURRENCY="1")
    link = place_call(own)["join_url"]
    page.open(link)
    page.join("Ana")

    own.kill("engine")
    page.wait_for("state", "Connection lost")
    page.wait_for("state", "Connected")

    grace = sit_down(take_seat(own, link, "Grace").json())
    grace.send({"event": "audio.start"})
    page.until(lambda: "Grace" in page.tiles())
    grace.say(AGENTS)
    page.until(lambda: page.hears(AGENTS)[0] > -60, "Sound does not come back.")
    page.until(lambda: grace.hears(OWN)[0] > 0)
    grace.leave()


def test_another_tab_takes_over_and_the_first_can_take_back(
    guest: Page, call: dict[str, Any]
) -> None:
    browser, first = guest.browser, guest.browser.current_window_handle
    visit = browser.execute_script("return sessionStorage.getItem('patchbay.visit')")
    browser.switch_to.new_window("tab")
    browser.get(call["join_url"])
    browser.execute_script("sessionStorage.setItem('patchbay.visit', arguments[0])", visit)
    browser.refresh()
    guest.click("join")
    guest.wait_for("state", "Connected")
    second = browser.current_window_handle

    browser.switch_to.window(first)
    guest.wait_for("over-title", "You are in this room in another tab.")
    guest.click("again")
    guest.until(lambda: guest.shows("room"))
    browser.switch_to.window(second)
    guest.wait_for("over-title", "You are in this room in another tab.")
    browser.close()
    browser.switch_to.window(first)


def test_a_refused_microphone_is_explained_and_listening_still_works(
    refusing: Page, call: dict[str, Any], agent: Speaker
) -> None:
    refusing.open(call["join_url"])
    refusing.find("name").send_keys("Ben", Keys.ENTER)
    refusing.wait_for("lobby-trouble", "The browser does not let this page use the microphone.")
    refusing.wait_for("lobby-trouble", "allow the microphone, and try again")

    refusing.click("listen")
    refusing.wait_for("state", "Connected")
    refusing.until(lambda: "Muted" in refusing.tiles().get("Ben", ""))
    refusing.click("mute")

    refusing.wait_for("trouble", "The browser does not let this page use the microphone.")
    refusing.browser.get("about:blank")


def test_an_insecure_address_says_so_and_lets_one_listen(
    page: Page, call: dict[str, Any], agent: Speaker, product: Product
) -> None:
    page.open(call["join_url"].replace("http://127.0.0.1", ANYWHERE))
    page.wait_for("lobby-trouble", "This address cannot use a microphone.")
    assert not page.shows("join")

    page.find("name").send_keys("Ana")
    page.click("listen")
    page.wait_for("state", "Connected")
    agent.say(AGENTS)

    page.until(lambda: page.hears(AGENTS)[0] > -60)


def test_the_end_of_a_room_ends_the_visit(
    guest: Page, call: dict[str, Any], product: Product
) -> None:
    with product.client() as client:
        client.delete(f"/api/call/{call['call_id']}")

    guest.wait_for("over-title", "The room has ended.")
    assert not guest.shows("again")
    guest.browser.refresh()
    assert "This room has ended" in guest.browser.page_source


def test_a_full_room_says_so(page: Page, call: dict[str, Any], product: Product) -> None:
    page.open(call["join_url"])
    while take_seat(product, call["join_url"], "Guest").status_code == 201:
        pass

    page.find("name").send_keys("Ana", Keys.ENTER)

    page.wait_for("lobby-trouble", "The room is full.")
    assert page.shows("lobby")


def test_a_name_is_asked_for(page: Page, call: dict[str, Any]) -> None:
    page.open(call["join_url"])
    page.click("join")

    page.find("name-wrong")
    assert page.find("name").get_attribute("aria-invalid") == "true"
    assert page.browser.switch_to.active_element == page.find("name")


def test_the_browser_finds_nothing_to_complain_of(guest: Page) -> None:
    complaints = [entry["message"] for entry in guest.browser.get_log("browser")]  # type: ignore[no-untyped-call]  # Selenium's.

    assert [text for text in complaints if "Content Security Policy" in text] == []
    assert [text for text in complaints if "Uncaught" in text] == []


def _offline(page: Page, offline: bool) -> None:
    conditions = {
        "offline": offline,
        "latency": 0,
        "downloadThroughput": -1,
        "uploadThroughput": -1,
    }
    page.browser.execute_cdp_cmd("Network.enable", {})
    page.browser.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)
