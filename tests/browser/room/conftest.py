"""A room with an agent in it, and browsers for the guests who come to its page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import OpenBrowser
from tests.browser.room.people import OWN, TAP, Page, Speaker, agent_of, place_call, write_voice
from tests.product import Product


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
    first = talking.browser.current_window_handle
    yield talking
    for window in talking.browser.window_handles:
        if window != first:
            talking.browser.switch_to.window(window)
            talking.browser.close()
    talking.browser.switch_to.window(first)
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
