"""What is said of a participant beside its row."""

import pytest

from app.api.rooms import words
from app.models import Participant


def person(**columns):
    return Participant(**{"role": "participant", "permissions": {}, **columns})


def test_a_participant_may_little_by_itself():
    assert words.permissions(person()) == {
        "can_record": False,
        "can_screen_share": True,
        "can_kick": False,
        "can_mute": False,
    }


def test_a_row_adds_and_takes_single_permissions():
    given = words.permissions(person(permissions={"can_kick": True, "can_screen_share": False}))

    assert given["can_kick"] is True
    assert given["can_screen_share"] is False
    assert given["can_record"] is False


def test_a_host_may_everything_whatever_the_row_says():
    given = words.permissions(person(role="host", permissions={"can_kick": False}))

    assert all(given.values())


@pytest.mark.parametrize(
    ("public_url", "expected"),
    [
        ("https://calls.example.org/", "wss://calls.example.org/api/v1/ws"),
        ("http://10.0.0.1:8080", "ws://10.0.0.1:8080/api/v1/ws"),
    ],
)
def test_the_sockets_address_follows_the_public_one(context, configure, public_url, expected):
    configure(public_url=public_url)

    assert words.socket_url() == expected
