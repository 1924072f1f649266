"""Calls over REST: what is placed, and what is refused."""

import re

import pytest

from app import ids
from app.extensions import db, transaction
from app.models import Tenant
from app.services import presets, rooms
from tests.databases import on_both_databases

ROOM = {"platform": "room"}
NOT_CONNECTED = (409, "platform_not_connected")
GATED = (409, "platform_gated")


def code(reply):
    return reply.status_code, reply.json["error"]["code"]


@on_both_databases
def test_placing_a_call_answers_the_whole_call(agent, live):
    reply = agent.post("/api/call", json=ROOM | {"agent_name": "Ada", "metadata": {"a": "b"}})

    assert reply.status_code == 201
    call = reply.json
    token = re.fullmatch(r"http://127.0.0.1:8080/join/(jt_[\w-]{43})", call["join_url"])
    assert token
    assert call == {
        "call_id": call["call_id"],
        "room_id": call["room_id"],
        "participant_id": call["participant_id"],
        "text_ws_url": f"ws://127.0.0.1:8080/api/call/{call['call_id']}/stream",
        "state": "connecting",
        "state_detail": "joining",
        "capabilities": ["audio_in", "audio_out", "read", "write", "typing"],
        "platform": "room",
        "meeting_url": call["join_url"],
        "join_url": call["join_url"],
        "agent_name": "Ada",
        "account_id": None,
        "audio": {
            "sample_rate": 48000,
            "format": "pcm_s16le",
            "channels": 1,
            "frame_duration_ms": 20,
            "frame_bytes": 1920,
        },
        "direction": "outbound",
        "caller": "",
        "callee": "",
        "stt_voice_config_id": None,
        "tts_voice_config_id": None,
        "metadata": {"a": "b"},
        "created_at": call["created_at"],
        "answered_at": None,
        "ended_at": None,
        "end_reason": None,
        "error": None,
    }
    assert re.fullmatch(r"call_[0-9A-HJKMNP-TV-Z]{26}", call["call_id"])
    assert ids.parse_uuid(call["room_id"])
    assert ids.parse_uuid(call["participant_id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", call["created_at"])
    assert agent.get(f"/api/call/{call['call_id']}").json["meeting_url"] == call["join_url"]


def test_the_call_tells_its_room_s_live_process(agent, live, call):
    assert [command["name"] for command in live.commands()] == ["enter"]


def test_a_call_joins_the_room_of_another_by_its_guest_link(agent, call):
    reply = agent.post("/api/call", json=ROOM | {"meeting_url": call["join_url"]})

    assert reply.json["room_id"] == call["room_id"]
    assert reply.json["call_id"] != call["call_id"]


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({}, "platform"),
        ({"platform": "skype"}, "platform"),
        ({"platform": 5}, "platform"),
        ({"platform": "discord"}, "meeting_url"),
        ({"platform": "discord", "meeting_url": None}, "meeting_url"),
        (ROOM | {"meeting_url": 5}, "meeting_url"),
        (ROOM | {"meeting_url": "x" * 2049}, "meeting_url"),
        (ROOM | {"agent_name": ""}, "agent_name"),
        (ROOM | {"agent_name": "x" * 81}, "agent_name"),
        (ROOM | {"agent_name": None}, "agent_name"),
        (ROOM | {"transcripts": "yes"}, "transcripts"),
        (ROOM | {"stt_voice_config_id": 5}, "stt_voice_config_id"),
        (ROOM | {"account_id": 5}, "account_id"),
        (ROOM | {"metadata": []}, "metadata"),
        (ROOM | {"metadata": {"a": 1}}, "metadata.a"),
        (ROOM | {"metadata": {"a": "x" * 501}}, "metadata.a"),
        (ROOM | {"metadata": {str(n): "" for n in range(51)}}, "metadata"),
    ],
)
def test_an_order_of_the_wrong_shape_names_the_field(agent, order, field):
    reply = agent.post("/api/call", json=order)

    assert code(reply) == (400, "invalid_request")
    assert list(reply.json["error"]["fields"]) == [field]


@pytest.mark.parametrize(
    ("platform", "url", "answer"),
    [
        ("discord", "https://discord.com/channels/1/2", NOT_CONNECTED),
        ("teams", "https://teams.microsoft.com/meet/123?p=x", GATED),
        ("meet", "abc-defg-hij", GATED),
        ("zoom", "https://zoom.us/j/123456789", GATED),
        ("telegram", "@some_group", NOT_CONNECTED),
        ("slack", "https://acme.slack.com/archives/C012AB3CD", NOT_CONNECTED),
        ("slack", "https://app.slack.com/huddle/T01/C01", (400, "platform_unsupported")),
        ("nctalk", "https://cloud.example.org/call/abcd1234", NOT_CONNECTED),
        ("sip", "+3225550100", NOT_CONNECTED),
        ("whatsapp", "https://wa.me/3225550100", NOT_CONNECTED),
    ],
)
def test_a_platform_that_is_not_connected_says_so_after_its_address_was_read(
    agent, tenant, make_account, platform, url, answer
):
    order = {"platform": platform, "meeting_url": url}
    tester = make_account(tenant.id, environment="test").agent

    assert code(agent.post("/api/call", json=order)) == answer
    bad = order | {"meeting_url": "https://example.org/elsewhere"}
    assert code(agent.post("/api/call", json=bad)) == (400, "invalid_meeting_url")
    assert code(tester.post("/api/call", json=order)) in (GATED, (400, "platform_unsupported"))
    assert agent.get("/api/calls?state=all").json["total"] == 0


def test_an_account_that_is_not_connected_is_not_found(agent, live):
    reply = agent.post("/api/call", json=ROOM | {"account_id": "discord:1"})

    assert code(reply) == (400, "account_not_found")


def test_rooms_that_are_unknown_or_have_ended_are_told_apart(app, agent, tenant, live):
    with app.app_context():
        room = rooms.create(tenant.id, "Old")
        rooms.end(room.id, "api")

    unknown = agent.post("/api/call", json=ROOM | {"meeting_url": str(ids.new())})
    ended = agent.post("/api/call", json=ROOM | {"meeting_url": "old"})

    assert code(unknown) == (404, "room_not_found")
    assert code(ended) == (409, "room_ended")


@pytest.mark.parametrize("field", ["stt_voice_config_id", "tts_voice_config_id"])
@pytest.mark.parametrize("value", [str(ids.new()), "fast", ""])
def test_an_unknown_preset_is_not_found(agent, live, field, value):
    reply = agent.post("/api/call", json=ROOM | {field: value})

    assert code(reply) == (400, "preset_not_found")


def test_presets_are_the_enabled_ones_unless_the_order_says_otherwise(app, agent, tenant, live):
    made = {}
    with app.app_context():
        for kind in ("stt", "tts"):
            made[kind] = str(
                presets.create(
                    tenant.id, kind=kind, provider="local", name=kind, api_key=None, options={}
                ).id
            )

    by_default = agent.post("/api/call", json=ROOM).json
    named = agent.post("/api/call", json=ROOM | {"tts_voice_config_id": made["tts"]}).json
    without = agent.post("/api/call", json=ROOM | {"tts_voice_config_id": None}).json
    silent = agent.post("/api/call", json=ROOM | {"transcripts": False}).json
    crossed = agent.post("/api/call", json=ROOM | {"stt_voice_config_id": made["tts"]})

    assert by_default["stt_voice_config_id"] == made["stt"]
    assert by_default["capabilities"][-2:] == ["hosted_stt", "hosted_tts"]
    assert named["tts_voice_config_id"] == made["tts"]
    assert without["tts_voice_config_id"] is None
    assert "hosted_tts" not in without["capabilities"]
    assert silent["stt_voice_config_id"] is None
    assert code(crossed) == (400, "preset_not_found")


def test_transcripts_without_a_preset_cannot_be_had(agent, live):
    reply = agent.post("/api/call", json=ROOM | {"transcripts": True})

    assert code(reply) == (400, "no_stt_preset")


def test_without_a_live_process_the_answer_is_try_again(agent):
    reply = agent.post("/api/call", json=ROOM)

    assert code(reply) == (503, "bridge_unavailable")
    assert reply.json["error"]["retryable"] is True
    assert int(reply.headers["Retry-After"]) >= 1


def test_a_full_server_says_so(agent, live):
    live.register(sockets=10, capacity=10)

    reply = agent.post("/api/call", json=ROOM)

    assert code(reply) == (503, "capacity")
    assert int(reply.headers["Retry-After"]) >= 1


def test_too_many_calls_are_refused_until_one_ends(app, agent, tenant, call):
    with app.app_context(), transaction():
        db.session.get(Tenant, tenant.id).max_concurrent_calls = 1

    reply = agent.post("/api/call", json=ROOM)
    assert code(reply) == (429, "too_many_calls")
    assert int(reply.headers["Retry-After"]) >= 1

    agent.delete(f"/api/call/{call['call_id']}")
    assert agent.post("/api/call", json=ROOM).status_code == 201
