"""What the registrar orders."""

import pytest

from tests.live.fakes import AGENT, CALL, ROOM, SECOND, Stage, ramp

LINE = {"message_id": "0198dddd-0000-7000-8000-000000000001", "sender_id": "g1", "sender": "Ann"}
LINE |= {"text": "hi", "client_id": None}


def test_the_ninth_stream_of_a_call_is_turned_away_with_4429(stage: Stage) -> None:
    streams = [stage.connect() for _ in range(8)]
    stage.registrar.hear()

    ninth = stage.attach()
    stage.welcome()
    other = stage.attach(call_id=CALL[:-1] + "9")
    stage.welcome()
    stage.tick()

    error, close = ninth.take()
    assert error["code"] == "too_many_streams"
    assert (close.code, close.reason) == (4429, "too_many_streams")
    assert [m["type"] for m in other.words()] == ["hello", "call_state"]
    assert not any(stream.take() for stream in streams)
    # The registrar counted it as let in, and keeps rooms open that have sockets.
    assert [report["last"] for report in stage.registrar.hear("detached")] == [False]


def test_a_refused_socket_hears_why_and_closes_with_the_code(stage: Stage) -> None:
    agent = stage.attach()
    (session,) = stage.engine.waiting.values()

    stage.order("refuse", sid=session.id, code="call_ended", message="Over.", close=4409)
    stage.tick()

    error, close = agent.take()
    assert (error["type"], error["code"], error["message"]) == ("call_error", "call_ended", "Over.")
    assert close.code == 4409


@pytest.mark.parametrize("op", ["welcome", "refuse"])
def test_an_order_for_a_socket_that_is_gone_is_moot(stage: Stage, op: str) -> None:
    stage.order(op, sid="gone", room=ROOM, facts={}, code="", message="", close=1000)

    assert not stage.engine.rooms


def test_a_revoked_key_closes_its_sockets_with_4401_and_no_others(stage: Stage) -> None:
    agent, other, guest = stage.connect(), stage.connect(key_id="other"), stage.guest("g1")

    stage.order("revoked", keys=["key"])
    stage.tick()

    error, close = agent.take()
    assert error["code"] == "unauthorized"
    assert (close.code, close.reason) == (4401, "unauthorized")
    assert not other.take()
    assert not guest.take()


def test_an_answer_comes_with_the_reference_of_its_request(stage: Stage) -> None:
    agent = stage.connect()
    agent.say("send_chat", text="hi", ref="r")
    stage.tick()
    (request,) = stage.registrar.hear("request")

    stage.order("answer", **_known(request), result=LINE)

    (sent,) = agent.words()
    assert (sent["type"], sent["status"], sent["ref"]) == ("chat_sent", "sent", "r")
    assert sent["message_id"].startswith("msg_")


def test_a_request_that_failed_is_answered_with_its_error(stage: Stage) -> None:
    agent = stage.connect()
    agent.say("say", text="hi", ref="r")
    stage.tick()
    (request,) = stage.registrar.hear("request")
    error = {"code": "no_tts_preset", "message": "None.", "retryable": False}

    stage.order("answer", **_known(request), error=error)

    assert agent.words() == [{"type": "call_error", **error, "ref": "r"}]


def test_an_answer_for_a_client_that_has_left_is_moot(stage: Stage) -> None:
    agent = stage.connect()
    agent.say("typing")
    stage.tick()
    (request,) = stage.registrar.hear("request")
    agent.vanish()
    stage.tick()

    stage.order("answer", **_known(request), result=None)
    stage.order("answer", **_known(request) | {"room": "gone"}, result=None)


def test_a_sync_tells_what_was_missed_then_the_room_then_what_came_meanwhile(
    stage: Stage,
) -> None:
    guest = stage.guest("g1")
    guest.tell("room.sync", last_seq=8)
    guest.tell("ping")
    guest.tell("audio.start")
    stage.tick()
    stage.event("chat.message", 11, **LINE, at="2026-03-13T10:00:00.000Z")
    stage.event("chat.message", 12, **LINE, at="2026-03-13T10:00:00.000Z")
    meanwhile = [m["event"] for m in guest.words()]
    (request,) = stage.registrar.hear("request")
    missed = [_chat(9), _chat(11)]

    stage.order("answer", **_known(request), result=stage.facts(last_seq=11, replay=missed))
    stage.event("chat.message", 13, **LINE)

    assert meanwhile == ["pong", "audio.started"]  # Only events wait.
    told = guest.words("chat.message", "room.snapshot")
    assert [m["data"].get("seq", "snapshot") for m in told] == [9, 11, "snapshot", 12, 13]
    assert told[2]["data"]["replayed"] == 2


def test_a_sync_that_failed_lets_the_events_go_on(stage: Stage) -> None:
    guest = stage.guest("g1")
    guest.tell("room.sync", last_seq=8)
    stage.tick()
    stage.event("chat.message", 11, **LINE)
    (request,) = stage.registrar.hear("request")
    error = {"code": "internal_error", "message": "No.", "retryable": False}

    stage.order("answer", **_known(request), error=error)
    stage.event("chat.message", 12, **LINE)

    told = guest.words()
    assert [m["data"].get("seq") for m in told] == [11, None, 12]
    assert told[1]["event"] == "error"


def test_the_engine_replies_to_what_the_rest_api_asks(stage: Stage) -> None:
    agent = stage.connect()
    agent.play(ramp(20))
    stage.tick(2)
    stage.registrar.hear()

    stage.order("ask", id="1", room=ROOM, name="clear", participant=AGENT)
    stage.order("ask", id="2", room="gone", name="clear", participant=AGENT)

    replies = {r["id"]: r["result"] for r in stage.registrar.hear("reply")}
    assert replies == {"1": [40, 360], "2": None}


def test_typing_is_shown_to_those_whose_dialect_has_a_word_for_it(stage: Stage) -> None:
    agent = stage.connect()

    stage.order("typing", room_id=ROOM, participant_id=AGENT)
    stage.order("typing", room_id="gone", participant_id=AGENT)

    assert not agent.words()


def _known(request: dict[str, object]) -> dict[str, object]:
    return {name: request[name] for name in ("sid", "room", "name", "ref")}


def _chat(seq: int) -> dict[str, object]:
    known = {"seq": seq, "at": "2026-03-13T10:00:00.000Z", "type": "chat.message"}
    return known | {"room_id": ROOM, "call_id": None, "payload": LINE}


def test_a_room_that_another_process_has_is_left_with_a_goodbye(stage: Stage) -> None:
    agent, guest = stage.connect(), stage.guest("g1")
    stage.registrar.hear()

    stage.order("dismiss", room=ROOM)
    stage.tick(SECOND)

    assert agent.words("goaway") == [{"type": "goaway", "reason": "shutdown", "in_ms": 0}]
    assert guest.goodbye().code == 1001
    assert stage.engine.rooms == {}
    gone = stage.registrar.hear("detached")
    assert [(report["last"], report["clean"]) for report in gone] == [(True, False)] * 2


def test_a_room_that_nobody_is_in_needs_no_goodbye(stage: Stage) -> None:
    stage.order("dismiss", room=ROOM)

    assert stage.engine.rooms == {}
