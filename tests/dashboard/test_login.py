"""Login, logout and the choice of colours."""

import pytest
from flask import Flask

from app.services import users
from tests.dashboard.conftest import PASSWORD, Person, token_on


def test_the_front_door_leads_to_the_login(visitor: Person) -> None:
    page = visitor.get("/", follow_redirects=True)

    assert page.request.path == "/login"
    assert page.request.args["next"] == "/dashboard/"


def test_signing_in_leads_to_the_page_that_was_wanted(visitor: Person) -> None:
    reply = visitor.sign_in(next="/dashboard/calls?state=live")

    assert reply.status_code == 303
    assert reply.location == "/dashboard/calls?state=live"
    assert visitor.get("/dashboard/calls").status_code == 200


@pytest.mark.parametrize(
    "goal",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""],
)
def test_signing_in_never_leads_elsewhere(visitor: Person, goal: str) -> None:
    assert visitor.sign_in(next=goal).location == "/dashboard/"


def test_a_wrong_password_and_an_unknown_address_read_the_same(visitor: Person) -> None:
    wrong = visitor.sign_in("not the password")
    visitor.email = "nobody@example.org"
    unknown = visitor.sign_in()

    assert wrong.status_code == unknown.status_code == 401
    assert "E-mail address or password is wrong." in wrong.text
    assert "E-mail address or password is wrong." in unknown.text


def test_what_was_typed_stays_except_the_password(visitor: Person) -> None:
    page = visitor.sign_in("not the password").text

    assert f'value="{visitor.email}"' in page
    assert "not the password" not in page


def test_signing_in_starts_a_fresh_session(visitor: Person) -> None:
    visitor.get("/login")
    with visitor.client.session_transaction() as session:
        session["planted"] = "by somebody else"
        before = session["csrf_token"]

    visitor.sign_in()

    with visitor.client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != before


def test_who_is_signed_in_needs_no_login(person: Person) -> None:
    assert person.get("/login").location == "/dashboard/"


def test_signing_out_ends_the_session(person: Person) -> None:
    person.post("/logout")

    assert person.get("/dashboard/").status_code == 302
    assert person.client.get_cookie("patchbay_csrf") is None


def test_a_new_password_ends_the_other_sessions(app: Flask, person: Person) -> None:
    with app.app_context():
        user = users.authenticate(person.email, PASSWORD)
        users.change_password(user, PASSWORD, "another battery")

    assert person.get("/dashboard/").status_code == 302


def test_a_session_that_makes_no_sense_is_none(visitor: Person) -> None:
    with visitor.client.session_transaction() as session:
        session["user"], session["epoch"] = "nobody", "never"

    assert visitor.get("/dashboard/").status_code == 302


def test_a_form_without_its_token_is_refused(visitor: Person) -> None:
    reply = visitor.client.post("/login", data={"email": visitor.email, "password": PASSWORD})

    assert reply.status_code == 403


def test_a_form_from_another_site_is_refused(visitor: Person) -> None:
    data = {"csrf_token": token_on(visitor.get("/login").text), "email": visitor.email}

    reply = visitor.client.post("/login", data=data, headers={"Origin": "https://evil.example"})

    assert reply.status_code == 403


def test_a_form_from_our_own_site_is_taken(visitor: Person) -> None:
    data = {"csrf_token": token_on(visitor.get("/login").text), "email": visitor.email}
    data["password"] = PASSWORD

    reply = visitor.client.post("/login", data=data, headers={"Origin": "http://localhost"})

    assert reply.status_code == 303


def test_colours_are_remembered(person: Person) -> None:
    reply = person.post("/theme", theme="dark", next="/dashboard/keys")

    assert reply.location == "/dashboard/keys"
    assert '<html lang="en" data-theme="dark">' in person.get("/dashboard/").text


def test_unknown_colours_are_not(person: Person) -> None:
    person.post("/theme", theme="plaid")

    assert '<html lang="en" data-theme="system">' in person.get("/dashboard/").text
