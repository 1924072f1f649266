"""Calls over REST once they are placed: looked at, listed, answered and ended."""

import pytest

from app import ids
from app.extensions import db, transaction
from app.models import Call
from app.models.call import CallState
from app.services import call_states, calls, utterances
from tests.databases import on_both_databases

ROOM = {"platform": "room"}


def code(reply):
    return reply.status_code, reply.json["error"]["code"]


def key_of(call_id):
    return ids.parse("call", call_id)


@pytest.fixture
def move(app, call):
    """Bring the call into a state, as its bridge or its caller would."""

    def to(state, direction="outbound"):
        with app.app_context(), transaction():
            row = db.session.get(Call, key_of(call["call_id"]))
            row.direction = direction
            db.session.flush()  # What follows reads the row anew.
            if state == CallState.ACTIVE:
                call_states.activate(row.id)
            elif state in (CallState.ENDED, CallState.MISSED, CallState.REFUSED):
                calls.finish(row, "test", state=state)
            else:
                row.state = state

    return to


@pytest.fixture
def say(app, call):
    def add(text, speaker="Alice", **more):
        with app.app_context():
            row = db.session.get(Call, key_of(call["call_id"]))
            return utterances.add(row, text=text, speaker=speaker, start=1.0, end=2.5, **more).id

    return add


def test_a_call_shows_its_transcript_from_a_line_on(agent, call, say):
    path = f"/api/call/{call['call_id']}"
    said = [say("Hello"), say("Hi", "Bob", language="en"), say("Bye")]
    say("My own words", own=True)

    everything = agent.get(path).json
    rest = agent.get(f"{path}?since=2").json

    assert everything["transcript"] == ["[Alice] Hello", "[Bob] Hi", "[Alice] Bye"]
    assert everything["transcript_length"] == 3
    assert everything["utterances"][1] == {
        "index": 1,
        "utterance_id": ids.public("utt", said[1]),
        "speaker": "Bob",
        "participant_id": None,
        "text": "Hi",
        "start": 1.0,
        "end": 2.5,
        "language": "en",
    }
    assert rest["transcript"] == ["[Alice] Bye"]
    assert rest["utterances"][0]["index"] == 2
    assert rest["transcript_length"] == 3


@on_both_databases
@pytest.mark.parametrize("since", ["3", "2147483648", "9" * 30])
def test_beyond_the_end_of_a_transcript_there_are_no_lines(agent, call, since):
    reply = agent.get(f"/api/call/{call['call_id']}?since={since}").json

    assert (reply["transcript"], reply["utterances"], reply["transcript_length"]) == ([], [], 0)


@pytest.mark.parametrize("since", ["-1", "x", "1.5", ""])
def test_a_line_number_that_is_none_is_refused(agent, call, since):
    assert code(agent.get(f"/api/call/{call['call_id']}?since={since}")) == (400, "invalid_request")


@pytest.mark.parametrize("call_id", ["x", "call_", "key_00000000000000000000000000",
                                     "call_00000000000000000000000000"])  # fmt: skip
def test_an_unknown_id_is_not_found(agent, call_id):
    assert code(agent.get(f"/api/call/{call_id}")) == (404, "call_not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("delete", ""),
        ("post", "/accept"),
        ("post", "/refuse"),
        ("post", "/stop-speaking"),
        ("post", "/typing"),
    ],
)
def test_another_tenants_call_is_not_found(other, call, method, path):
    reply = getattr(other.agent, method)(f"/api/call/{call['call_id']}{path}")

    assert code(reply) == (404, "call_not_found")


def test_calls_are_listed_live_ones_first_hand(agent, call, live):
    ended = agent.post("/api/call", json=ROOM).json["call_id"]
    agent.delete(f"/api/call/{ended}")

    def listed(query=""):
        return [each["call_id"] for each in agent.get(f"/api/calls{query}").json["calls"]]

    assert listed() == [call["call_id"]]
    assert listed("?state=all") == [ended, call["call_id"]]
    assert listed("?state=ended,active") == [ended]
    assert listed("?platform=sip") == []
    assert listed("?platform=stream&state=all") == []


@pytest.mark.parametrize("query", ["state=", "state=over", "state=active,over", "platform=skype"])
def test_a_list_of_what_does_not_exist_is_refused(agent, query):
    assert code(agent.get(f"/api/calls?{query}")) == (400, "invalid_request")


def test_hanging_up_ends_the_call_and_a_second_time_changes_nothing(agent, call):
    path = f"/api/call/{call['call_id']}"

    first, second = agent.delete(path), agent.delete(path)

    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.json["state"], first.json["end_reason"]) == ("ended", "hangup")
    assert second.json == first.json
    assert agent.get(path).json["ended_at"] == first.json["ended_at"]


@pytest.mark.parametrize(
    ("state", "direction", "accepted", "refused"),
    [
        ("connecting", "outbound", (409, "not_ringing"), (409, "not_ringing")),
        ("ringing", "inbound", "active", "refused"),
        ("active", "inbound", "active", (409, "not_ringing")),
        ("active", "outbound", (409, "not_ringing"), (409, "not_ringing")),
        ("ended", "inbound", (409, "call_ended"), (409, "call_ended")),
        ("missed", "inbound", (409, "call_ended"), (409, "call_ended")),
        ("refused", "inbound", (409, "call_ended"), "refused"),
    ],
)
@pytest.mark.parametrize("action", ["accept", "refuse"])
def test_answering_depends_on_the_state(
    agent, call, move, state, direction, accepted, refused, action
):
    move(state, direction)
    expected = accepted if action == "accept" else refused

    reply = agent.post(f"/api/call/{call['call_id']}/{action}")

    if isinstance(expected, str):
        assert (reply.status_code, reply.json["state"]) == (200, expected)
    else:
        assert code(reply) == expected


@pytest.mark.parametrize("state", list(CallState))
def test_a_call_is_hung_up_from_every_state(agent, call, move, state):
    move(state)

    reply = agent.delete(f"/api/call/{call['call_id']}")

    over = state in (CallState.REFUSED, CallState.MISSED)
    assert (reply.status_code, reply.json["state"]) == (200, state if over else "ended")


def test_a_call_that_failed_tells_why(app, agent, call):
    with app.app_context():
        row = db.session.get(Call, key_of(call["call_id"]))
        calls.finish(row, "connect_failed", error=("connect_failed", "No answer."))

    found = agent.get(f"/api/call/{call['call_id']}").json

    assert (found["state"], found["end_reason"]) == ("ended", "connect_failed")
    assert found["error"] == {"code": "connect_failed", "message": "No answer."}
