"""What goes wrong for a guest, and how the page says so or gets over it."""

from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.room.people import (
    AGENTS,
    OWN,
    Page,
    Speaker,
    place_call,
    sit_down,
    take_seat,
)
from tests.product import Product

pytestmark = pytest.mark.browser

ANYWHERE = "http://patch.test"  # A name that is not this machine's: browsers trust it with nothing.


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
    guest.wait_for("lobby-who", "in the room now")  # From here on it writes nothing by itself.
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


def _offline(page: Page, offline: bool) -> None:
    conditions = {
        "offline": offline,
        "latency": 0,
        "downloadThroughput": -1,
        "uploadThroughput": -1,
    }
    page.browser.execute_cdp_cmd("Network.enable", {})
    page.browser.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)
