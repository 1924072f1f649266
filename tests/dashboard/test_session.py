"""Where a visitor goes after signing in; the rest of sessions is in test_login."""

import pytest
from flask import Flask

from app.dashboard import session


@pytest.mark.parametrize("target", ["/dashboard/", "/dashboard/calls?state=live", "/"])
def test_pages_of_ours_can_be_wanted(app: Flask, target: str) -> None:
    with app.test_request_context("/login", query_string={"next": target}):
        assert session.wanted("/home") == target


@pytest.mark.parametrize("target", ["//evil", "http://evil/", "/\\evil", "/a\nb", "dashboard", ""])
def test_others_cannot(app: Flask, target: str) -> None:
    with app.test_request_context("/login", query_string={"next": target}):
        assert session.wanted("/home") == "/home"
