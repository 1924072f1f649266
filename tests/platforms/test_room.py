"""Our own room as a platform."""

from app import platforms


def test_a_room_is_always_ready_and_does_what_works_today():
    room = platforms.get("room")

    room.require_ready(test=True)
    room.require_ready(test=False)
    assert room.capabilities == ["audio_in", "audio_out", "read", "write", "typing"]
    assert room.target("  Weekly sync ") == "Weekly sync"
