from typing import Any

import pytest

from app import ids
from app.api.gateway import messages

AT = "2026-03-13T10:00:00.000Z"
KEY = "0198dddd-0000-7000-8000-000000000001"
PERSON = {"id": "p", "name": "Ann", "kind": "person", "role": "participant", "participants": 3}


def tell(type: str, payload: dict[str, Any], own_id: str = "me") -> Any:
    return messages.event({"seq": 7, "at": AT, "type": type, "payload": payload}, own_id)


def test_every_durable_message_has_its_place_and_time() -> None:
    told = [
        tell("participant.joined", PERSON),
        tell("participant.left", PERSON),
        tell("chat.message", _line()),
        tell("call.state", dict.fromkeys(("state", "previous", "detail", "end_reason", "error"))),
        tell("call.error", {"code": "connect_failed", "message": "m", "retryable": True}),
        tell("utterance", _utterance()),
    ]

    assert [message["type"] for message in told] == [
        "participant_joined",
        "participant_left",
        "call_chat",
        "call_state",
        "call_error",
        "call_transcript",
    ]
    assert {(message["seq"], message["at"]) for message in told} == {(7, AT)}


@pytest.mark.parametrize(
    ("kind", "role", "shown"),
    [
        ("person", "participant", "guest"),
        ("person", "host", "host"),
        ("agent", "participant", "agent"),
        ("bridge", "participant", "caller"),
    ],
)
def test_a_person_has_one_of_four_roles(kind: str, role: str, shown: str) -> None:
    told = tell("participant.joined", PERSON | {"kind": kind, "role": role})

    assert (told["role"], told["participants"]) == (shown, 3)


@pytest.mark.parametrize(
    ("type", "payload"),
    [
        ("participant.joined", PERSON | {"id": "me"}),
        ("participant.left", PERSON | {"id": "me"}),
        ("chat.message", {"sender_id": "me"}),
        ("utterance", {"own": True}),
        ("participant.muted", {}),
        ("room.ended", {}),
    ],
)
def test_the_agents_own_doings_and_the_rooms_affairs_are_not_told(
    type: str, payload: dict[str, Any]
) -> None:
    assert tell(type, payload) is None


def test_goaway_is_not_durable() -> None:
    told = tell("call.goaway", {"reason": "max_duration", "in_ms": 60_000})

    assert told == {"type": "goaway", "reason": "max_duration", "in_ms": 60_000}


def test_a_chat_line_comes_with_public_ids() -> None:
    told = tell("chat.message", _line())

    assert told["message_id"] == ids.public("msg", ids.parse_uuid(KEY))
    assert (told["sender"], told["text"], told["attachments"]) == ("Ann", "hi", [])


def test_an_utterance_comes_whole() -> None:
    told = tell("utterance", _utterance())

    assert told["final"] is True
    assert told["utterance_id"].startswith("utt_")
    assert told["index"] == 4


def test_an_answer_repeats_the_reference_and_only_then() -> None:
    cleared = {"played_ms": 1, "discarded_ms": 2}

    assert messages.notice("cleared", cleared | {"ref": "r"})["ref"] == "r"
    assert "ref" not in messages.notice("cleared", cleared | {"ref": None})


def test_an_error_always_has_the_four_fields() -> None:
    told = messages.notice("error", {"code": "c", "message": "m", "retryable": False, "ref": None})

    assert set(told) == {"type", "code", "message", "retryable", "ref"}


@pytest.mark.parametrize(
    ("name", "result", "told"),
    [
        (
            "stop_speaking",
            {"canceled": [], "played_ms": 0, "discarded_ms": 0},
            {"type": "stopped", "canceled": [], "played_ms": 0, "discarded_ms": 0},
        ),
        ("typing", True, None),
        ("hang_up", None, None),
        ("mute", None, None),
    ],
)
def test_of_results_only_those_with_a_word_are_told(name: str, result: Any, told: Any) -> None:
    assert messages.notice("answer", {"name": name, "result": result, "ref": None}) == told


def test_dropped_frames_are_told_with_their_total() -> None:
    told = messages.notice("dropped", {"frames": 3, "total": 10})

    assert told == {"type": "audio_dropped", "frames": 3, "total": 10}


def _line() -> dict[str, Any]:
    return {"message_id": KEY, "sender_id": "p", "sender": "Ann", "text": "hi"}


def _utterance() -> dict[str, Any]:
    names = ("speaker", "text", "start", "end", "participant_id", "language", "confidence")
    return {"own": False, "utterance_id": KEY, "index": 4, **dict.fromkeys(names)}
