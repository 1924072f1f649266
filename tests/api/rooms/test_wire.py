"""The rooms dialect's socket words, one message at a time."""

import json
from typing import Any

import pytest

from app.api.rooms.wire import UNSUPPORTED, RoomsWire
from app.wire import ConfigureAudio, Mute, Ping, Request, StopAudio, Sync, WireError

ANA = "0198a1a1-0000-7000-8000-000000000001"
OPTIONS = {
    "tenant_id": "0198a1a1-0000-7000-8000-00000000000a",
    "room_id": "0198a1a1-0000-7000-8000-00000000000b",
    "participant_id": ANA,
    "role": "participant",
    "permissions": {"can_kick": False},
    "deprecated_token": False,
}
ANA_IN_ROOM = {
    "id": ANA,
    "name": "Ana",
    "role": "participant",
    "kind": "person",
    "self_muted": False,
    "host_muted": False,
    "hand_raised": False,
    "audio": False,
    "joined_at": "2026-03-13T10:00:00.000Z",
}
FACTS: dict[str, Any] = {
    "server_time": "2026-03-13T10:00:01.000Z",
    "last_seq": 41,
    "room": {"id": OPTIONS["room_id"], "name": "Standup", "status": "active", "config": {}},
    "participants": [ANA_IN_ROOM],
    "messages": [],
}


@pytest.fixture
def wire() -> RoomsWire:
    return RoomsWire(OPTIONS)


def parse(wire: RoomsWire, event: str, **data: Any) -> Any:
    return wire.parse(json.dumps({"event": event, "data": data}))


def refusal(wire: RoomsWire, text: str) -> WireError:
    with pytest.raises(WireError) as caught:
        wire.parse(text)
    assert caught.value.close is None
    return caught.value


def test_the_greeting_is_who_one_is_and_then_the_room(wire):
    connected, snapshot = wire.welcome(FACTS)

    assert connected["event"] == "connected"
    assert connected["data"] == {
        **{name: OPTIONS[name] for name in OPTIONS if name != "deprecated_token"},
        "media": {"ws_audio": True, "rtc": False},
        "server_time": "2026-03-13T10:00:01.000Z",
    }
    assert snapshot["event"] == "room.snapshot"
    assert snapshot["data"]["last_seq"] == 41
    assert snapshot["data"]["participants"][0]["display_name"] == "Ana"


def test_a_token_in_the_url_is_warned_of_between_the_two():
    events = RoomsWire({**OPTIONS, "deprecated_token": True}).welcome(FACTS)

    assert [message["event"] for message in events] == ["connected", "warning", "room.snapshot"]
    assert events[1]["data"]["code"] == "deprecated_query_token"


def test_a_chat_line_is_trimmed_and_keeps_the_senders_id(wire):
    command = parse(wire, "chat.send", text="  Hi \n", client_id="c1")

    assert command == Request("chat.send", "chat", {"text": "Hi", "client_id": "c1"})


def test_content_is_another_name_for_text(wire):
    assert parse(wire, "chat.send", content="Hi").arguments["text"] == "Hi"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"text": ""},
        {"text": "   "},
        {"text": 5},
        {"text": "x" * 10_001},
        {"text": "a\x00b"},
        {"text": "half \ud800"},
        {"text": "Hi", "client_id": 7},
        {"text": "Hi", "client_id": "x" * 65},
    ],
)
def test_a_bad_chat_line_is_an_invalid_payload(wire, data):
    error = refusal(wire, json.dumps({"event": "chat.send", "data": data}))

    assert (error.code, error.ref) == ("invalid_payload", "chat.send")


def test_ten_thousand_characters_are_still_a_line(wire):
    assert (
        len(parse(wire, "chat.send", text="\N{GRINNING FACE}" * 10_000).arguments["text"]) == 10_000
    )


def test_chat_can_be_switched_off_in_the_room(wire):
    wire.welcome({**FACTS, "room": {**FACTS["room"], "config": {"chat_enabled": False}}})

    assert refusal(wire, '{"event":"chat.send","data":{"text":"Hi"}}').code == "chat_disabled"


def test_audio_starts_at_48_khz_with_sound_both_ways(wire):
    assert parse(wire, "audio.start") == ConfigureAudio(
        "audio.start", rate=48000, receive=True, start=True
    )


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 48000])
def test_audio_starts_at_the_rates_of_the_dialect(wire, rate):
    command = parse(wire, "audio.start", sample_rate=rate, receive=False)

    assert (command.rate, command.receive) == (rate, False)


@pytest.mark.parametrize(
    "data",
    [{"sample_rate": 44100}, {"sample_rate": "48000"}, {"sample_rate": True}, {"receive": 1}],
)
def test_other_audio_settings_are_refused(wire, data):
    frame = json.dumps({"event": "audio.start", "data": data})

    assert refusal(wire, frame).code == "invalid_payload"


def test_the_short_commands_are_understood(wire):
    assert parse(wire, "audio.stop") == StopAudio("audio.stop")
    assert parse(wire, "audio.mute") == Mute("audio.mute", muted=True)
    assert parse(wire, "audio.unmute") == Mute("audio.unmute", muted=False)
    assert parse(wire, "room.sync", last_seq=41) == Sync("room.sync", 41)
    assert parse(wire, "ping") == Ping("ping")
    assert wire.parse('{"event":"pong"}') is None


@pytest.mark.parametrize("last_seq", [None, -1, "4", 1.5, True, 1 << 63])
def test_a_sync_needs_a_number_to_begin_from(wire, last_seq):
    frame = json.dumps({"event": "room.sync", "data": {"last_seq": last_seq}})

    assert refusal(wire, frame).code == "invalid_payload"


def test_data_may_be_left_out_but_must_be_an_object(wire):
    assert wire.parse('{"event":"ping"}') == Ping("ping")
    assert wire.parse('{"event":"ping","data":null}') == Ping("ping")
    assert refusal(wire, '{"event":"ping","data":[]}').code == "invalid_payload"


@pytest.mark.parametrize("text", ["", "{", "[]", "5", '{"event":5}', '{"type":"ping"}', "[" * 9999])
def test_what_is_no_event_is_an_invalid_message(wire, text):
    error = refusal(wire, text)

    assert (error.code, error.ref) == ("invalid_message", None)


@pytest.mark.parametrize("event", sorted(UNSUPPORTED))
def test_an_event_that_comes_later_is_not_supported(wire, event):
    error = refusal(wire, json.dumps({"event": event}))

    assert (error.code, error.ref) == ("not_supported", event)


def test_an_event_nobody_knows_is_unknown_and_echoed_harmlessly(wire):
    error = refusal(wire, json.dumps({"event": "\ud800\x00" + "x" * 100}))

    assert (error.code, error.ref) == ("unknown_event", "x" * 64)


def test_a_host_mute_cannot_be_lifted_by_oneself(wire):
    wire.welcome(FACTS)
    muted = {"id": ANA, "is_muted": True, "self_muted": False, "host_muted": True, "by": None}
    wire.event({"type": "participant.muted", "seq": 42, "at": "", "payload": muted})

    assert refusal(wire, '{"event":"audio.unmute"}').code == "forbidden"


def test_a_sync_tells_the_wire_how_things_stand_now(wire):
    muted = {**ANA_IN_ROOM, "host_muted": True}

    snapshot = wire.notice(
        "synced", {**FACTS, "participants": [muted], "replayed": 3, "reset": False}
    )

    assert (snapshot["data"]["replayed"], snapshot["data"]["reset"]) == (3, False)
    assert refusal(wire, '{"event":"audio.unmute"}').code == "forbidden"


def test_an_arrival_is_told_with_its_number(wire):
    payload = {**ANA_IN_ROOM, "joined_at": "2026-03-13T10:00:00+00:00", "participants": 2}

    told = wire.event({"type": "participant.joined", "seq": 7, "at": "", "payload": payload})

    assert told["event"] == "participant.joined"
    assert told["data"] == {
        "id": ANA,
        "display_name": "Ana",
        "role": "participant",
        "kind": "person",
        "is_muted": False,
        "self_muted": False,
        "host_muted": False,
        "hand_raised": False,
        "audio": False,
        "joined_at": "2026-03-13T10:00:00Z",
        "seq": 7,
    }


def test_the_other_events_of_a_room_are_told_too(wire):
    def told(type: str, **payload: Any) -> Any:
        event = {"type": type, "seq": 9, "at": "2026-03-13T10:00:00.000Z", "payload": payload}
        return wire.event(event)["data"]

    line = {"message_id": "m", "sender_id": ANA, "sender": "Ana", "text": "Hi", "client_id": None}
    left = told("participant.left", id=ANA, reason="left", name="Ana")
    assert left == {"id": ANA, "reason": "left", "seq": 9}
    assert told("chat.message", **line) == {
        "id": "m",
        "sender_id": ANA,
        "display_name": "Ana",
        "text": "Hi",
        "timestamp": "2026-03-13T10:00:00.000Z",
        "client_id": None,
        "seq": 9,
    }
    ended = told("room.ended", room_id="r", reason="empty")
    assert ended == {"room_id": "r", "reason": "empty", "seq": 9}


@pytest.mark.parametrize("type", ["call.state", "call.error", "utterance"])
def test_what_concerns_a_call_alone_is_not_told(wire, type):
    assert wire.event({"type": type, "seq": 1, "at": "", "payload": {}}) is None
