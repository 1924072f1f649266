"""Errors as pages."""

from collections.abc import Callable

import pytest
from flask import Flask

from app import errors as catalogue
from app.dashboard import render_error
from app.errors import GatewayError, InternalError, InvalidRequest
from tests.dashboard.conftest import Person

ERRORS = [
    value
    for value in vars(catalogue).values()
    if isinstance(value, type) and issubclass(value, GatewayError)
]


def test_an_unknown_page_says_so_kindly(visitor: Person) -> None:
    page = visitor.get("/no/such/page")

    assert page.status_code == 404
    assert "Page not found" in page.text
    assert page.headers["Content-Security-Policy"]


def test_a_script_gets_json(visitor: Person) -> None:
    reply = visitor.get("/no/such/page", headers={"Accept": "application/json"})

    assert reply.json is not None
    assert reply.json["error"]["code"] == "not_found"


def test_the_wrong_method_is_a_page(visitor: Person) -> None:
    assert visitor.client.put("/login").status_code == 405


def test_a_session_that_ended_offers_the_login(visitor: Person) -> None:
    page = visitor.post("/dashboard/keys", name="x")

    assert page.status_code == 401
    assert 'href="/login"' in page.text


def test_a_fault_shows_the_request_id_and_no_text(
    person: Person, monkeypatch: pytest.MonkeyPatch, configure: Callable[..., None]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr("app.services.keys.of_tenant", fail)

    page = person.get("/dashboard/keys", headers={"X-Request-ID": "find-me"})

    assert page.status_code == 500
    assert "find-me" in page.text
    assert "the secret cause" not in page.text


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_has_a_page(app: Flask, error: type[GatewayError]) -> None:
    with app.test_request_context("/"):
        reply = render_error(error())

    assert reply.status_code == error.status
    assert str(error()) in reply.get_data(as_text=True).replace("&#39;", "'")


def test_wrong_fields_are_told(app: Flask) -> None:
    with app.test_request_context("/"):
        page = render_error(InvalidRequest(fields={"name": ["Too long.", "Too odd."]}))

    assert "Too long. Too odd." in page.get_data(as_text=True)


def test_the_page_needs_no_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("An error page asked the database.")

    monkeypatch.setattr("sqlalchemy.orm.Session.execute", fail)
    with app.test_request_context("/"):
        assert render_error(InternalError()).status_code == 500
