"""What every page stands in."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from app import ids
from app.models import Call
from app.services import tenants
from tests.dashboard.conftest import Person

STATIC = Path(__file__).parents[2] / "static"
PAGES = ("", "calls", "rooms", "rooms/new", "keys", "keys/new", "settings")


class Page(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text_of: dict[str, list[str]] = {"script": [], "style": []}
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in self.text_of and data.strip():
            self.text_of[self._inside].append(data)


def paths(call: Call) -> list[str]:
    call_id = ids.public("call", call.id)
    more = f"calls/{call_id}", f"calls/{call_id}/hang-up", f"rooms/{call.room_id}"
    return [f"/dashboard/{page}" for page in (*PAGES, *more, f"rooms/{call.room_id}/end")]


def test_every_page_is_for_users_only(visitor: Person, call: Call) -> None:
    for path in paths(call):
        reply = visitor.get(path)
        assert reply.status_code == 302, path
        assert reply.location.startswith("/login?next=/dashboard/"), path


def test_every_dashboard_route_has_the_guard(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/dashboard"):
            assert rule.endpoint.startswith("dashboard."), rule


def test_no_page_has_script_or_style_of_its_own(person: Person, call: Call) -> None:
    for path in paths(call):
        page = Page(person.get(path).text)
        assert page.text_of == {"script": [], "style": []}, path
        for tag, attributes in page.tags:
            assert "style" not in attributes, (path, tag)
            assert not [name for name in attributes if name.startswith("on")], (path, tag)


def test_every_input_has_a_label(person: Person, call: Call) -> None:
    for path in paths(call):
        page = Page(person.get(path).text)
        labelled = {attributes.get("for") for tag, attributes in page.tags if tag == "label"}
        wrapped = {"radio", "checkbox", "hidden"}
        for tag, attributes in page.tags:
            if tag in ("input", "select", "textarea") and attributes.get("type") not in wrapped:
                named = attributes.get("id") in labelled or attributes.get("aria-label")
                assert named, (path, attributes)


def test_ids_are_unique_and_there_is_one_heading(person: Person, call: Call) -> None:
    for path in paths(call):
        page = Page(person.get(path).text)
        found = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(found) == len(set(found)), path
        assert [tag for tag, _ in page.tags].count("h1") == 1, path


def test_every_form_carries_the_token(person: Person, call: Call) -> None:
    for path in paths(call):
        page = person.get(path).text
        assert page.count('method="post"') == page.count('name="csrf_token"'), path


def test_headers_fence_a_page_in(person: Person) -> None:
    headers = person.get("/dashboard/").headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_as_strict_as_they_can_be(make_app: Callable[..., Flask], secure: bool) -> None:
    base = "https://talk.example.org" if secure else "http://127.0.0.1:8080"
    client = make_app(public_url=base).test_client()

    cookie = client.get("/login").headers["Set-Cookie"]

    assert cookie.startswith("patchbay_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) is secure


def test_scripts_can_read_the_csrf_token(person: Person) -> None:
    page = person.get("/dashboard/").text
    cookie = person.client.get_cookie("patchbay_csrf")

    assert cookie is not None
    assert not cookie.http_only
    assert f'<meta name="csrf-token" content="{cookie.value}">' in page


def test_the_token_opens_the_api_as_well(person: Person) -> None:
    person.get("/dashboard/")

    refused = person.client.post("/api/keys", json={"name": "No token"})
    made = person.client.post(
        "/api/keys", json={"name": "With token"}, headers={"X-CSRF-Token": person.token}
    )

    assert refused.status_code == 403
    assert made.status_code == 201


def test_looking_at_a_page_counts_as_use(app: Flask, person: Person) -> None:
    person.get("/dashboard/")

    with app.app_context():
        assert tenants.get(person.tenant_id).last_seen_at is not None


def test_a_first_visit_is_light(person: Person) -> None:
    page = person.get("/dashboard/")
    sent = len(page.data) + sum(
        path.stat().st_size for folder in ("css", "js") for path in (STATIC / folder).iterdir()
    )

    assert sent < 100_000
