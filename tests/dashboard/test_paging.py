"""Pages of lists."""

import pytest
from flask import Flask

from app.dashboard.paging import Page, choice


@pytest.mark.parametrize(
    ("query", "number"), [("", 1), ("page=3", 3), ("page=0", 1), ("page=x", 1)]
)
def test_the_page_asked_for(app: Flask, query: str, number: int) -> None:
    with app.test_request_context(f"/?{query}"):
        page = Page.asked()

    assert (page.number, page.offset) == (number, (number - 1) * 25)


@pytest.mark.parametrize(("total", "last"), [(0, 1), (25, 1), (26, 2)])
def test_the_last_page(total: int, last: int) -> None:
    assert Page(1).of(total).last == last


def test_a_filter_falls_back_to_its_first_option(app: Flask) -> None:
    with app.test_request_context("/?state=open"):
        assert choice("state", ["all", "open"]) == "open"
        assert choice("other", ["all", "open"]) == "all"
