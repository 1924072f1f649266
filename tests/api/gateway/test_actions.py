"""What an agent does inside a call, over REST."""

import json

import pytest

from app import bus, ids
from app.extensions import db, transaction
from app.models import Call, ChatMessage, Event
from app.models.call import CallState
from app.services import call_states, presets

OVER = (409, "call_ended")
SOON = (409, "call_not_active")
BODIES = {"say": {"text": "Hi"}, "chat": {"text": "Hi"}, "dtmf": {"digits": "12#"}}


def code(reply):
    return reply.status_code, reply.json["error"]["code"]


@pytest.fixture
def change(app, call):
    def to(**values):
        with app.app_context(), transaction():
            row = db.session.get(Call, ids.parse("call", call["call_id"]))
            for name, value in values.items():
                setattr(row, name, value)

    return to


@pytest.fixture
def act(agent, call):
    def send(action, **body):
        return agent.post(f"/api/call/{call['call_id']}/{action}", json=body or BODIES.get(action))

    return send


@pytest.fixture
def active(app, call):
    with app.app_context():
        call_states.activate(ids.parse("call", call["call_id"]))


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("action", ["chat", "typing", "dtmf"])
def test_what_needs_an_active_call_says_so(act, change, state, action):
    change(state=state, capabilities=["read", "write", "typing", "dtmf"])

    reply = act(action)

    if state in (CallState.CONNECTING, CallState.RINGING):
        assert code(reply) == SOON
    elif state != CallState.ACTIVE:
        assert code(reply) == OVER
    elif action != "dtmf":
        assert reply.status_code == 200


@pytest.mark.parametrize(
    ("action", "missing"), [("say", "audio_out"), ("chat", "write"), ("dtmf", "dtmf")]
)
def test_a_missing_capability_is_named(act, change, active, action, missing):
    change(capabilities=["read"])

    reply = act(action)

    assert code(reply) == (400, "capability_missing")
    assert missing in reply.json["error"]["message"]


def test_rooms_have_no_keypad(act, active):
    assert code(act("dtmf")) == (400, "capability_missing")


@pytest.mark.parametrize("state", ["connecting", "ringing", "active"])
def test_speaking_without_a_preset_is_refused_in_every_live_state(act, change, state):
    change(state=state)

    assert code(act("say")) == (400, "no_tts_preset")


def test_speaking_with_a_preset_but_no_engine_is_refused_honestly(app, agent, tenant, live):
    with app.app_context():
        presets.create(tenant.id, kind="tts", provider="local", name="x", api_key=None, options={})
    call = agent.post("/api/call", json={"platform": "room"}).json

    reply = agent.post(f"/api/call/{call['call_id']}/say", json={"text": "Hi"})

    assert code(reply) == (400, "no_tts_preset")
    assert "No speech engine is installed" in reply.json["error"]["message"]


def test_speaking_in_a_call_that_is_over_is_a_conflict(act, change):
    change(state="ended")

    assert code(act("say")) == OVER


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 5}, {"text": "x" * 5001}])
def test_speech_has_1_to_5000_characters(agent, call, body):
    reply = agent.post(f"/api/call/{call['call_id']}/say", json=body)

    assert code(reply) == (400, "invalid_request")
    assert list(reply.json["error"]["fields"]) == ["text"]


@pytest.mark.parametrize("state", list(CallState))
def test_silence_can_be_asked_for_in_every_state(act, change, state):
    change(state=state)

    reply = act("stop-speaking")

    assert reply.status_code == 200
    idle = {"status": "idle", "canceled": [], "played_ms": 0, "discarded_ms": 0}
    assert reply.json == idle


def test_chat_is_written_into_the_room_under_the_agents_name(app, act, call, active):
    reply = act("chat", text="Hello", sender_name="")

    assert reply.status_code == 200
    assert reply.json["status"] == "sent"
    with app.app_context():
        row = db.session.get(ChatMessage, ids.parse("msg", reply.json["message_id"]))
        assert (row.text, row.sender, str(row.room_id)) == ("Hello", "AI Agent", call["room_id"])
        told = db.session.query(Event).filter_by(room_id=row.room_id, type="chat.message").one()
        assert told.payload["sender_id"] == call["participant_id"]


def test_chat_is_shown_under_the_sender_name_given(app, act, active):
    reply = act("chat", text="Hello", sender_name="Assistant")

    with app.app_context():
        row = db.session.get(ChatMessage, ids.parse("msg", reply.json["message_id"]))
        assert row.sender == "Assistant"


def test_chat_has_at_most_10000_characters(act, active):
    assert act("chat", text="\U0001f600" * 10_000).status_code == 200

    reply = act("chat", text="x" * 10_001)

    assert code(reply) == (400, "text_too_long")
    assert "10001" in reply.json["error"]["message"]
    assert "10000" in reply.json["error"]["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"sender_name": "x"}, "text"),
        ({"text": ""}, "text"),
        ({"text": ["x"]}, "text"),
        ({"text": "x", "sender_name": "x" * 101}, "sender_name"),
        ({"text": "x", "attachments": "x"}, "attachments"),
        ({"text": "x", "attachments": ["x"]}, "attachments.0"),
        ({"text": "x", "attachments": [{}] * 11}, "attachments"),
    ],
)
def test_chat_of_the_wrong_shape_names_the_field(act, active, body, field):
    reply = act("chat", **body)

    assert code(reply) == (400, "invalid_request")
    assert list(reply.json["error"]["fields"]) == [field]


def test_files_cannot_be_sent_yet(act, active):
    assert code(act("chat", attachments=[{"file_id": "f_1"}])) == (400, "files_unsupported")
    assert act("chat", text="x", attachments=[]).status_code == 200


def test_typing_is_told_to_the_room_and_is_no_event(app, act, call, active):
    with app.app_context():
        listener = bus.current().redis.pubsub(ignore_subscribe_messages=True)
        listener.subscribe(f"{bus.PREFIX}:typing")
        listener.get_message(timeout=1)

        reply = act("typing")

        told = listener.get_message(timeout=5)
        listener.close()
        assert db.session.query(Event).filter(Event.type.contains("typing")).count() == 0
    assert reply.json == {"status": "typing", "effective": True}
    assert json.loads(told["data"]) == {
        "room_id": call["room_id"],
        "participant_id": call["participant_id"],
    }


def test_typing_has_no_effect_where_it_cannot_be_shown(act, change, configure, active):
    configure(redis_url="unix:///nowhere/redis.sock", rate_requests=0)
    assert act("typing").json == {"status": "typing", "effective": False}

    change(capabilities=["read", "write"])
    assert act("typing").json == {"status": "typing", "effective": False}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"gap_ms": 80}, "digits"),
        ({"digits": ""}, "digits"),
        ({"digits": "12x"}, "digits"),
        ({"digits": "1\n"}, "digits"),
        ({"digits": "1" * 33}, "digits"),
        ({"digits": 12}, "digits"),
        ({"digits": "1", "duration_ms": 39}, "duration_ms"),
        ({"digits": "1", "duration_ms": 1001}, "duration_ms"),
        ({"digits": "1", "gap_ms": "long"}, "gap_ms"),
        ({"digits": "1", "gap_ms": 40.5}, "gap_ms"),
    ],
)
def test_tones_of_the_wrong_shape_name_the_field(act, body, field):
    reply = act("dtmf", **body)

    assert code(reply) == (400, "invalid_request")
    assert list(reply.json["error"]["fields"]) == [field]


@pytest.mark.parametrize("action", ["say", "chat", "dtmf", "stop-speaking", "typing"])
def test_actions_in_another_tenants_call_are_not_found(other, call, action):
    path = f"/api/call/{call['call_id']}/{action}"

    assert code(other.agent.post(path, json=BODIES.get(action))) == (404, "call_not_found")


def test_sending_the_same_chat_twice_under_one_key_writes_one_line(app, agent, call, active):
    path, headers = f"/api/call/{call['call_id']}/chat", {"Idempotency-Key": "one"}

    replies = [agent.post(path, json={"text": "Hi"}, headers=headers) for _ in range(2)]

    assert replies[0].json == replies[1].json
    with app.app_context():
        room_id = ids.parse_uuid(call["room_id"])
        assert db.session.query(ChatMessage).filter_by(room_id=room_id).count() == 1
