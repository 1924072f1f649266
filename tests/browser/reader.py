"""Somebody who uses the dashboard in a real browser."""

from collections.abc import Callable
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.product import Product


class Reader:
    """Somebody who reads and clicks; `find` waits until there is something to find."""

    def __init__(self, browser: Chrome, product: Product) -> None:
        self.browser = browser
        self.product = product

    def go(self, path: str) -> None:
        self.browser.get(self.product.url + path)

    def until(self, happened: Callable[[], Any], message: str = "It did not happen.") -> Any:
        # Parts of a page are replaced while they are looked at.
        wait = WebDriverWait(self.browser, 15, 0.05, [StaleElementReferenceException])
        return wait.until(lambda _: happened(), message)

    def find(self, selector: str, text: str = "") -> WebElement:
        """The first visible element of a selector that contains a text."""

        def look() -> WebElement | None:
            for element in self.browser.find_elements(By.CSS_SELECTOR, selector):
                if element.is_displayed() and text in element.text:
                    return element
            return None

        found: WebElement = self.until(look, f"There is no {selector} with {text!r}.")
        return found

    def gone(self, selector: str) -> None:
        self.until(lambda: not self.browser.find_elements(By.CSS_SELECTOR, selector))

    def click(self, selector: str, text: str = "") -> None:
        self.find(selector, text).click()

    def type(self, selector: str, text: str) -> None:
        field = self.find(selector)
        field.clear()
        field.send_keys(text)

    def sign_in(self) -> None:
        """Come to the home page, through the login unless the browser is signed in already."""
        self.go("/dashboard/")
        if "/login" in self.browser.current_url:
            self.type("#email", self.product.email)
            self.type("#password", self.product.password)
            self.click("button.primary")
        self.find("main h1", "Hello")
