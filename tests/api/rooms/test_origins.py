"""Which pages may open a participant's socket."""

import pytest

from app.api.rooms import origins
from app.api.rooms.origins import Origin


def judge(origin, *, listed=(), patterns="", host="calls.example.org"):
    own = ["https://public.example.org"]
    return origins.allowed(origin, own=own, host=host, listed=listed, patterns=patterns)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("null", False),
        ("https://public.example.org", True),
        ("https://public.example.org:443", True),
        ("http://public.example.org", False),
        ("https://calls.example.org", True),
        ("http://calls.example.org", True),
        ("https://calls.example.org:8443", False),
        ("http://localhost:3000", True),
        ("https://127.0.0.1", True),
        ("http://[::1]:9", True),
        ("https://localhost.example.org", False),
        ("https://evil.example", False),
        ("https://user@localhost", False),
        ("https://localhost/path", False),
        ("ftp://localhost", False),
        ("https://localhost:99999", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_an_origin_is_judged_without_a_list(origin, allowed):
    assert judge(origin) is allowed


def test_a_tenants_list_replaces_the_usual_places_but_not_the_server_itself():
    listed = ["https://app.example.org", "http://localhost:*"]

    assert judge("https://app.example.org", listed=listed)
    assert judge("http://localhost:5173", listed=listed)
    assert judge("https://calls.example.org", listed=listed)
    assert not judge("https://app.example.org:444", listed=listed)
    assert not judge("http://127.0.0.1:5173", listed=listed)


def test_the_operators_star_stands_for_one_label_or_any_port():
    patterns = "https://*.example.com:*, https://one.example.net"

    assert judge("https://a.example.com", patterns=patterns)
    assert judge("https://a.example.com:8443", patterns=patterns)
    assert judge("https://one.example.net", patterns=patterns)
    assert not judge("https://a.b.example.com", patterns=patterns)
    assert not judge("https://example.com", patterns=patterns)
    assert not judge("http://a.example.com", patterns=patterns)
    assert not judge("https://one.example.net:8443", patterns=patterns)


def test_the_host_header_counts_with_its_port():
    assert judge("http://calls.example.org:8080", host="calls.example.org:8080")
    assert not judge("http://calls.example.org", host="calls.example.org:8080")


def test_an_origin_is_read_with_its_usual_port():
    assert origins.parse("https://Example.org") == Origin("https", "example.org", 443)
    assert origins.parse("http://[::1]:80") == Origin("http", "::1", 80)
