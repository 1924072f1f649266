"""Each page of the dashboard, doing in a real browser what it is for."""

import math
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from websockets.sync.client import connect

from tests.browser.conftest import OpenBrowser
from tests.browser.reader import Reader
from tests.product import Product

pytestmark = pytest.mark.browser

PAGES = ("", "calls", "rooms", "keys", "settings")


@pytest.fixture(scope="module")
def browser(open_browser: OpenBrowser) -> Chrome:
    return open_browser()


@pytest.fixture
def reader(browser: Chrome, product: Product) -> Iterator[Reader]:
    """The first user, signed in. Afterwards the browser may have refused nothing of ours."""
    found = Reader(browser, product)
    found.sign_in()
    browser.get_log("browser")
    yield found
    said = [line["message"] for line in browser.get_log("browser")]
    refused = [text for text in said if "Content Security Policy" in text or "Uncaught" in text]
    browser.get("about:blank")  # Closes the page's stream.
    assert not refused


@pytest.fixture
def call(product: Product) -> Iterator[dict[str, Any]]:
    """A call that is placed through the API and hung up in the end."""
    with product.client() as api:
        placed = api.post("/api/call", json={"platform": "room", "agent_name": "Minutes"}).json()
        yield placed
        api.delete(f"/api/call/{placed['call_id']}")


def test_signing_out_closes_the_door(reader: Reader) -> None:
    reader.click("[aria-label='Sign out']")
    reader.find("h1", "Sign in")

    reader.go("/dashboard/keys")

    reader.find("h1", "Sign in")


def test_home_leads_to_the_first_call(call: dict[str, Any], reader: Reader) -> None:
    reader.click(".snippet .button", "Copy")

    reader.find(".snippet .button", "Copied")
    reader.find(".snippet", f"curl -X POST {reader.product.url}/api/call")
    reader.find(".gauge", "2 live processes")
    assert reader.find(".steps a", "Join the room").get_attribute("href") == call["join_url"]


def test_a_key_is_made_shown_once_used_and_revoked(reader: Reader) -> None:
    reader.go("/dashboard/keys")
    reader.click("a", "Create a key")
    reader.type("dialog #name", "From a browser")
    reader.click("dialog button", "Create the key")
    key = reader.find("dialog #secret").get_attribute("value")
    reader.find("dialog").send_keys(Keys.ESCAPE)
    reader.click("dialog a", "I have stored it")
    reader.find("tbody th", "From a browser")
    with reader.product.client() as api:
        api.headers["X-API-Key"] = key or ""
        assert api.get("/api/account").status_code == 200

        reader.click("[aria-label='Revoke From a browser']")
        reader.type("dialog #confirm", "something else")
        reader.click("dialog button", "Revoke the key")
        reader.find("dialog .wrong", "exactly")
        reader.type("dialog #confirm", "From a browser")
        reader.click("dialog button", "Revoke the key")

        reader.find(".flash", "is revoked")
        assert api.get("/api/account").status_code == 401
    assert key not in reader.browser.page_source


def test_the_list_of_calls_moves_by_itself(reader: Reader, call: dict[str, Any]) -> None:
    reader.go("/dashboard/calls?state=live")
    reader.find("tbody th", "Minutes")

    with reader.product.client() as api:
        api.delete(f"/api/call/{call['call_id']}")
        other = api.post("/api/call", json={"platform": "room", "agent_name": "Late"}).json()
        reader.find("tbody th", "Late")
        api.delete(f"/api/call/{other['call_id']}")

    reader.until(lambda: "Late" not in reader.find("main").text)


def test_a_table_can_be_sorted(reader: Reader) -> None:
    with reader.product.client() as api:
        made = [api.post("/api/keys", json={"name": name}).json() for name in ("zebra", "ant")]
        reader.go("/dashboard/keys")
        reader.click("th .sort", "Name")
        names = [cell.text for cell in reader.browser.find_elements(By.CSS_SELECTOR, "tbody th")]
        for key in made:
            api.delete(f"/api/keys/{key['id']}")

    assert names == sorted(names, key=str.lower)
    assert reader.find("th[aria-sort='ascending']").text == "Name"


def test_a_calls_page_moves_by_itself(reader: Reader, call: dict[str, Any]) -> None:
    reader.go(f"/dashboard/calls/{call['call_id']}")
    reader.find("#call-state", "Active")
    reader.find("#following", "Live")

    with reader.product.client() as api:
        api.post(f"/api/call/{call['call_id']}/chat", json={"text": "Written by the agent"})
    reader.find(".entry.chat", "Written by the agent")
    reader.type("#text", "Written on the page" + Keys.ENTER)
    reader.find(".entry.chat", "Written on the page")
    reader.until(lambda: reader.find("#text").get_attribute("value") == "")

    reader.click("a", "Hang up")
    reader.click("dialog button", "Hang up")
    reader.find("#call-state", "Hung up")
    reader.gone("#chat-form")


def test_a_call_that_ends_elsewhere_ends_on_the_page(reader: Reader, call: dict[str, Any]) -> None:
    reader.go(f"/dashboard/calls/{call['call_id']}")
    reader.find("#following", "Live")

    with reader.product.client() as api:
        api.delete(f"/api/call/{call['call_id']}")

    reader.find("#call-state", "Hung up")
    reader.gone("#chat-form")
    reader.gone("#call-actions a")


def test_members_show_how_loud_they_are(reader: Reader, call: dict[str, Any]) -> None:
    reader.go(f"/dashboard/calls/{call['call_id']}")
    reader.find("#following", "Live")
    meter = f"meter[data-level='{call['participant_id']}']"
    tone = b"".join(
        struct.pack("<h", int(8000 * math.sin(2 * math.pi * 440 * n / 48_000)))
        for n in range(48_000)
    )

    with connect(
        call["text_ws_url"], additional_headers={"X-API-Key": reader.product.api_key}
    ) as stream:
        for _ in range(20):
            stream.send(tone)
        reader.until(lambda: float(reader.find(meter).get_attribute("value") or -60) > -30)


def test_a_room_is_made_entered_and_ended(reader: Reader) -> None:
    reader.go("/dashboard/rooms")
    reader.click("a", "Create a room")
    reader.type("dialog #name", "Stand-up")
    reader.click("dialog button", "Create the room")
    reader.find("h1", "Stand-up")
    page = reader.browser.current_url
    link = reader.find("[aria-label='Guest link']").get_attribute("value") or ""
    reader.browser.get(link)
    reader.find("h1", "Stand-up")

    reader.browser.get(page)
    reader.click("a", "End the room")
    reader.type("dialog #confirm", "Stand-up")
    reader.click("dialog button", "End the room")

    reader.find(".state-line", "Ended")
    reader.gone("[aria-label='Guest link']")


def test_settings_are_kept(reader: Reader) -> None:
    reader.go("/dashboard/settings")
    reader.type("#name", "Ada Lovelace")
    reader.click("button", "Save")
    reader.find(".flash", "Saved.")

    reader.go("/dashboard/")

    reader.find("h1", "Hello, Ada")


def test_colours_switch_at_once_and_are_kept(reader: Reader) -> None:
    ground = "return getComputedStyle(document.documentElement).backgroundColor"
    reader.click("button[value='light']")
    light = reader.browser.execute_script(ground)
    reader.click("button[value='dark']")
    reader.until(lambda: reader.browser.execute_script(ground) != light)
    reader.until(lambda: "dark" in str(reader.browser.get_cookie("patchbay_theme")))

    reader.go("/dashboard/keys")

    assert reader.find("html").get_attribute("data-theme") == "dark"
    assert reader.browser.execute_script(ground) != light


def test_everything_works_without_scripts(reader: Reader) -> None:
    switch = "Emulation.setScriptExecutionDisabled"
    reader.browser.execute_cdp_cmd(switch, {"value": True})
    try:
        reader.go("/dashboard/rooms")
        reader.click("a", "Create a room")
        reader.type("#name", "Without scripts")
        reader.click("main button", "Create the room")
        reader.find("h1", "Without scripts")
        reader.click("a", "End the room")
        reader.type("#confirm", "Without scripts")
        reader.click("main button", "End the room")
        reader.find(".flash", "The room has ended.")
    finally:
        reader.browser.execute_cdp_cmd(switch, {"value": False})


def test_pages_fit_a_phone(reader: Reader, call: dict[str, Any]) -> None:
    phone = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    reader.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        for page in (*PAGES, f"calls/{call['call_id']}", f"rooms/{call['room_id']}"):
            reader.go(f"/dashboard/{page}")
            bar = reader.find(".places").rect
            wide = reader.browser.execute_script("return document.documentElement.scrollWidth")
            assert wide <= 360, page
            assert bar["y"] > 600, page
    finally:
        reader.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_keyboard_reaches_the_content_first(reader: Reader) -> None:
    reader.go("/dashboard/calls")

    reader.find("body").send_keys(Keys.TAB)
    skip = reader.browser.switch_to.active_element
    assert skip.text == "Skip to the content"
    skip.send_keys(Keys.ENTER)

    assert reader.browser.switch_to.active_element.get_attribute("id") == "content"
