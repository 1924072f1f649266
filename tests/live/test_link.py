"""The line between an engine and its registrar."""

import socket
from collections.abc import Iterator

import pytest

from app.live.link import Link, LinkLost


@pytest.fixture
def ends() -> Iterator[tuple[Link, Link]]:
    ours, theirs = (Link(end, blocking=False) for end in socket.socketpair())
    yield ours, theirs
    ours.close()
    theirs.close()


def test_messages_arrive_whole_and_in_order(ends: tuple[Link, Link]) -> None:
    ours, theirs = ends

    ours.send({"op": "a", "text": "é"})
    ours.send({"op": "b"})

    assert list(theirs.receive()) == [{"op": "a", "text": "é"}, {"op": "b"}]
    assert list(theirs.receive()) == []


def test_what_does_not_fit_is_kept_for_a_flush(ends: tuple[Link, Link]) -> None:
    ours, theirs = ends
    message = {"text": "x" * 100_000}
    found: list[dict[str, str]] = []

    for _ in range(20):
        ours.send(message)
    kept = ours.waiting
    while len(found) < 20:
        found += theirs.receive()
        ours.flush()

    assert kept
    assert found == [message] * 20
    assert ours.waiting == 0


def test_a_message_split_anywhere_is_put_together() -> None:
    raw, end = socket.socketpair()
    link = Link(end, blocking=True)
    data = b"\x00\x00\x00\x08" + b'{"a": 1}'

    found = []
    for byte in data:
        raw.send(bytes([byte]))
        found += link.receive()

    assert found == [{"a": 1}]
    raw.close()
    link.close()


def test_a_link_whose_other_end_is_gone_is_lost_both_ways(ends: tuple[Link, Link]) -> None:
    ours, theirs = ends
    theirs.close()

    with pytest.raises(LinkLost):
        list(ours.receive())
    with pytest.raises(LinkLost):
        ours.send({})
