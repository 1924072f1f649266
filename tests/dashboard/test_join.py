"""The guest's page: what the link opens, and what keeps its address secret."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from app import tokens
from app.extensions import db
from app.models import JoinToken
from app.models.columns import now
from app.services import rooms

STATIC = Path(__file__).parents[2] / "static"


@pytest.fixture
def room(context, tenant):
    return rooms.create(tenant.id, "Standup <1>")


@pytest.fixture
def token(room):
    return rooms.link(rooms.add_link(room).id).rpartition("/")[2]


def test_a_link_opens_the_rooms_page(client, token):
    reply = client.get(f"/join/{token}")

    assert reply.status_code == 200
    assert "Standup &lt;1&gt;" in reply.text


def test_a_room_without_a_name_has_one_for_its_page(client, context, tenant):
    token = rooms.link(rooms.add_link(rooms.create(tenant.id)).id).rpartition("/")[2]

    assert "Meeting room" in client.get(f"/join/{token}").text


@pytest.mark.parametrize("token", ["jt_" + "x" * 43, "jt_", "nonsense"])
def test_a_bad_link_is_a_page_that_says_so_kindly(client, token):
    reply = client.get(f"/join/{token}")

    assert reply.status_code == 404
    assert "This link does not open a room" in reply.text
    assert "ask whoever invited you" in reply.text
    assert "<script" not in reply.text


def test_a_link_whose_room_has_ended_says_that(client, room, token):
    rooms.end(room.id, "api")

    reply = client.get(f"/join/{token}")

    assert reply.status_code == 404
    assert "This room has ended" in reply.text


def test_a_link_that_has_run_out_is_as_dead(client, token):
    row = db.session.query(JoinToken).filter_by(token_hash=tokens.digest(token)).one()
    row.expires_at = now() - timedelta(seconds=1)
    db.session.commit()

    assert client.get(f"/join/{token}").status_code == 404


@pytest.mark.parametrize("dead", [False, True])
def test_the_address_is_a_key_and_stays_here(client, token, dead):
    headers = client.get(f"/join/{'jt_no' if dead else token}").headers

    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert "Set-Cookie" not in headers


def test_the_policy_lets_nothing_in_from_elsewhere(client, token, configure):
    configure(public_url="https://calls.example.org")

    policy = client.get(f"/join/{token}").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "connect-src 'self' wss://calls.example.org ws://localhost" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_obeys_its_own_policy(client, token):
    page = client.get(f"/join/{token}").text

    assert re.findall(r"<script(?![^>]* src=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []
    # The namespace of SVG is a name, not a place.
    places = re.findall(r'(?:src|href)="(https?:)?//', page)
    assert places == []


def test_every_file_the_page_names_exists(client, token):
    page = client.get(f"/join/{token}").text
    named = re.findall(r'(?:src|href)="/static/([^"?]+)', page)

    assert named
    assert [name for name in named if not (STATIC / name).exists()] == []


def test_every_module_a_module_imports_exists():
    for module in (STATIC / "join").glob("*.js"):
        imported = re.findall(r'from "\./([^"]+)"|new URL\("([^"]+\.js)"', module.read_text())
        names = [name for pair in imported for name in pair if name]
        assert [name for name in names if not (module.parent / name).exists()] == []


def test_the_first_paint_is_small(client, token):
    page = client.get(f"/join/{token}")
    named = re.findall(r'(?:src|href)="/static/([^"?]+)', page.text)
    modules = sum(path.stat().st_size for path in (STATIC / "join").glob("*.js"))
    sheets = sum((STATIC / name).stat().st_size for name in named)

    assert len(page.data) + sheets + modules < 100_000


def test_every_field_and_button_has_a_name(client, token):
    page = client.get(f"/join/{token}").text
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", page):
        name = re.search(r' id="([^"]+)"', tag)
        assert "aria-label=" in tag or (name and name[1] in labelled), tag
    for opening, content in re.findall(r"(<button[^>]*>)(.*?)</button>", page, re.DOTALL):
        text = re.sub(r"<svg.*?</svg>|<[^>]+>", "", content, flags=re.DOTALL).strip()
        # The one whose words the script fills in is hidden until then.
        assert text or "aria-label=" in opening or " hidden" in opening, opening
