"""The account: the first thing an agent asks for."""

import pytest

from app import platforms
from app.services import events, presets


def code(reply):
    return reply.status_code, reply.json["error"]["code"]


def test_the_account_names_the_tenant_and_what_works(app, agent, tenant):
    account = agent.get("/api/account").json

    assert account["tenant_id"] == str(tenant.id)
    assert (account["name"], account["plan"]) == ("Acme", "self_hosted")
    assert set(account["platforms"]) == set(platforms.NAMES)
    assert account["platforms"]["room"] == {
        "status": "ready",
        "reason": None,
        "capabilities": ["audio_in", "audio_out", "read", "write", "typing"],
        "files": False,
        "sample_rate": 48000,
        "max_text": 10000,
        "max_caption": None,
        "connections": [],
    }
    assert account["settings"]["reply_timeout_s"] == 60
    assert account["limits"] == {"file_max_bytes": 26_214_400, "requests_per_minute": 600}


def test_whatever_is_not_ready_has_one_sentence_that_says_why(agent):
    for name, platform in agent.get("/api/account").json["platforms"].items():
        if platform["status"] == "ready":
            assert platform["reason"] is None
            continue
        assert platform["status"] in ("needs_credentials", "gated"), name
        assert platform["reason"].endswith(".")
        assert platform["reason"].count(".") == 1
        assert platform["capabilities"] == []


def test_live_calls_are_counted_against_the_limit(agent, live):
    call = agent.post("/api/call", json={"platform": "room"}).json["call_id"]
    account = agent.get("/api/account").json
    assert (account["concurrent_calls"], account["concurrent_calls_limit"]) == (1, 20)

    agent.delete(f"/api/call/{call}")

    assert agent.get("/api/account").json["concurrent_calls"] == 0


def test_the_cursor_is_the_newest_events_number(app, agent, tenant, live):
    agent.post("/api/call", json={"platform": "room"})

    with app.app_context():
        assert agent.get("/api/account").json["last_message_cursor"] == str(
            events.last_seq(tenant.id)
        )


def test_hosted_speech_is_ready_with_an_enabled_preset(app, agent, tenant):
    with app.app_context():
        presets.create(tenant.id, kind="stt", provider="local", name="x", api_key=None, options={})

    features = agent.get("/api/account").json["features"]

    assert (features["hosted_stt"], features["hosted_tts"]) == ("ready", "byok")


def test_a_change_answers_the_changed_account(agent):
    change = {"name": "New", "reply_timeout_s": 0, "reply_timeout_text": "Later."}

    reply = agent.patch("/api/account", json=change)

    assert reply.status_code == 200
    assert reply.json["name"] == "New"
    assert reply.json["settings"] == {"reply_timeout_s": 0, "reply_timeout_text": "Later."}
    assert agent.get("/api/account").json == reply.json


def test_what_a_change_leaves_out_stays(agent):
    agent.patch("/api/account", json={"reply_timeout_s": 600})

    reply = agent.patch("/api/account", json={})

    assert reply.json["settings"]["reply_timeout_s"] == 600
    assert reply.json["name"] == "Acme"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"reply_timeout_s": 9}, "reply_timeout_s"),
        ({"reply_timeout_s": -1}, "reply_timeout_s"),
        ({"reply_timeout_s": 601}, "reply_timeout_s"),
        ({"reply_timeout_s": "60"}, "reply_timeout_s"),
        ({"reply_timeout_text": ""}, "reply_timeout_text"),
        ({"reply_timeout_text": "x" * 501}, "reply_timeout_text"),
    ],
)
def test_a_change_of_the_wrong_shape_names_the_field(agent, change, field):
    reply = agent.patch("/api/account", json=change)

    assert code(reply) == (400, "invalid_request")
    assert list(reply.json["error"]["fields"]) == [field]
