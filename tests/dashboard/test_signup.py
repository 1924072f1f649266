"""Sign-up."""

import uuid
from collections.abc import Callable

from tests.dashboard.conftest import PASSWORD, Person, token_on


def test_signing_up_signs_in(visitor: Person) -> None:
    email = f"{uuid.uuid4().hex}@example.org"

    reply = visitor.post("/signup", email=email, name="Grace", password=PASSWORD)

    assert reply.location == "/dashboard/"
    assert "Hello, Grace" in visitor.get("/dashboard/").text


def test_a_short_password_is_told_at_its_field(visitor: Person) -> None:
    page = visitor.post("/signup", email="short@example.org", password="short")

    assert page.status_code == 400
    assert 'aria-describedby="password-wrong"' in page.text
    assert "Use 10 to 256 characters." in page.text
    assert 'value="short@example.org"' in page.text


def test_a_taken_address_is_told_at_its_field(visitor: Person) -> None:
    page = visitor.post("/signup", email=visitor.email.upper(), password=PASSWORD)

    assert page.status_code == 400
    assert 'aria-describedby="email-wrong"' in page.text


def test_something_else_than_an_address_is_refused(visitor: Person) -> None:
    assert visitor.post("/signup", email="me", password=PASSWORD).status_code == 400
    assert visitor.post("/signup", email="", password=PASSWORD).status_code == 400


def test_a_closed_install_takes_nobody(visitor: Person, configure: Callable[..., None]) -> None:
    token = token_on(visitor.get("/signup").text)
    configure(signup_open=False)

    page = visitor.get("/signup")
    data = {"csrf_token": token, "email": "late@example.org", "password": PASSWORD}
    reply = visitor.client.post("/signup", data=data)

    assert "takes no new accounts" in page.text
    assert "<form" not in page.text
    assert reply.status_code == 403
    assert "Make an account" not in visitor.get("/login").text


def test_who_is_signed_in_needs_no_account(person: Person) -> None:
    assert person.get("/signup").location == "/dashboard/"
