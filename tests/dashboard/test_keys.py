"""API keys on their page."""

import re

from flask import Flask

from app import ids
from app.services import keys
from tests.dashboard.conftest import Person
from tests.fakes import agent_of


def create(person: Person, name: str, **form: str) -> str:
    """Make a key through the page and return it."""
    page = person.post("/dashboard/keys", name=name, access="all", expires="0", **form).text
    found = re.search(r'id="secret" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def path_of(app: Flask, person: Person, name: str) -> str:
    with app.app_context():
        row = next(row for row in keys.of_tenant(person.tenant_id) if row.name == name)
        return f"/dashboard/keys/{ids.public('key', row.id)}/revoke"


def test_an_empty_page_teaches(person: Person) -> None:
    page = person.get("/dashboard/keys").text

    assert "No keys yet" in page
    assert "/api/account" in page


def test_a_key_is_shown_once_and_works(app: Flask, person: Person) -> None:
    key = create(person, "Support agent")

    listed = person.get("/dashboard/keys").text
    assert key not in listed
    assert f"{key[:5]}…{key[-4:]}" in listed
    assert "Support agent" in listed
    assert agent_of(app, key).get("/api/account").status_code == 200


def test_a_page_with_a_key_is_kept_nowhere(person: Person) -> None:
    page = person.post("/dashboard/keys", name="Once", access="all", expires="0")

    assert page.headers["Cache-Control"] == "no-store"


def test_a_key_can_be_limited(app: Flask, person: Person) -> None:
    page = person.post(
        "/dashboard/keys", name="Reader", access="chosen", scopes=["calls:read"], expires="30"
    )

    assert page.status_code == 200
    with app.app_context():
        row = keys.of_tenant(person.tenant_id)[0]
        assert row.scopes == ["calls:read"]
        assert row.expires_at is not None
    assert "1 scope" in person.get("/dashboard/keys").text


def test_a_test_key_says_so(person: Person) -> None:
    assert create(person, "CI", environment="test").startswith("sk_test_")
    assert '<span class="badge quiet">Test</span>' in person.get("/dashboard/keys").text


def test_what_is_wrong_is_told_at_its_field(person: Person) -> None:
    nameless = person.post("/dashboard/keys", name="", access="all", expires="0")
    scopeless = person.post("/dashboard/keys", name="x", access="chosen", expires="0")
    made_up = person.post(
        "/dashboard/keys", name="x", access="chosen", scopes=["moon:write"], expires="0"
    )

    assert nameless.status_code == scopeless.status_code == made_up.status_code == 400
    assert "A name is needed." in nameless.text
    assert "Choose at least one." in scopeless.text
    assert "Unknown scope: moon:write." in made_up.text


def test_values_that_no_list_offers_are_refused(person: Person) -> None:
    for odd in ({"expires": "tomorrow"}, {"expires": "0", "environment": "moon"}):
        assert person.post("/dashboard/keys", name="x", access="all", **odd).status_code == 400


def test_revoking_asks_for_the_name(app: Flask, person: Person) -> None:
    key = create(person, "Old agent")
    path = path_of(app, person, "Old agent")

    refused = person.post(path, confirm="old")
    done = person.post(path, confirm="Old agent")

    assert refused.status_code == 400
    assert "Type “Old agent” exactly." in refused.text
    assert done.location == "/dashboard/keys"
    assert agent_of(app, key).get("/api/account").status_code == 401
    assert person.get(path).status_code == 404


def test_keys_of_others_are_not_there(app: Flask, person: Person, stranger: Person) -> None:
    create(person, "Mine")
    path = path_of(app, person, "Mine")

    assert stranger.get(path).status_code == 404
    assert stranger.post(path, confirm="Mine").status_code == 404
    assert "Mine" not in stranger.get("/dashboard/keys").text
