"""Who is told what in a room: greetings, replays, events, ends."""

from tests.live.fakes import AGENT, CALL, SECOND, Stage, ramp

OTHER_CALL = CALL[:-1] + "9"
OTHER_AGENT = AGENT[:-1] + "9"
ANN = {"id": "g1", "name": "Ann", "kind": "person", "role": "participant", "external_user_id": None}
ANN |= {"self_muted": False, "host_muted": False, "hand_raised": False, "audio": False}
ANN |= {"joined_at": None}
MUTES = {"is_muted": True, "self_muted": True, "host_muted": False, "by": "g1"}


def test_a_new_stream_hears_hello_how_the_call_stands_and_who_is_here(stage: Stage) -> None:
    agent = stage.attach()
    stage.welcome(participants=[ANN, ANN | {"id": AGENT, "kind": "agent"}])

    hello, state, joined = agent.words()
    assert (hello["type"], hello["protocol"], hello["last_seq"]) == ("hello", 1, 10)
    assert hello["audio"]["frame_bytes"] == 1920
    assert state == {"type": "call_state", "state": "active", "snapshot": True}
    assert (joined["participant_id"], joined["participants"]) == ("g1", 2)
    assert joined["snapshot"] is True
    assert "seq" not in joined


def test_a_resumed_stream_hears_the_gap_then_what_it_missed_and_no_snapshot(stage: Stage) -> None:
    missed = [_state_event(8, "connecting"), _state_event(9, "active")]

    agent = stage.attach(last_seq=3)
    stage.welcome(replay=missed, gap=(3, 8))

    hello, gap, *replay = agent.words()
    assert hello["type"] == "hello"
    assert gap == {"type": "gap", "after_seq": 3, "first_seq": 8}
    assert [(m["seq"], m["state"], m["snapshot"]) for m in replay] == [
        (8, "connecting", False),
        (9, "active", False),
    ]


def test_at_the_seam_nothing_is_lost_and_nothing_is_told_twice(stage: Stage) -> None:
    agent = stage.attach(last_seq=8)
    stage.state(10, "active", detail="in the replay already")
    stage.state(11, "active", detail="came while waiting")

    stage.welcome(replay=[_state_event(9, "active"), _state_event(10, "active")], last_seq=10)
    stage.state(10, "active", detail="the log is read late")
    stage.state(11, "active", detail="twice")
    stage.state(12, "active", detail="live")

    told = [(m["seq"], m["detail"]) for m in agent.words("call_state")]
    assert told == [(9, None), (10, None), (11, "came while waiting"), (12, "live")]


def test_another_calls_events_are_not_told_not_even_those_from_before_the_welcome(
    stage: Stage,
) -> None:
    agent = stage.attach()
    stage.state(11, "ended", call=OTHER_CALL)
    stage.welcome()
    stage.state(12, "ended", call=OTHER_CALL)
    stage.event("participant.left", 13, **ANN, participants=1, reason="left")

    assert [m["type"] for m in agent.words()] == ["hello", "call_state", "participant_left"]


def test_a_call_that_became_active_before_the_welcome_is_taken_as_such(stage: Stage) -> None:
    agent = stage.attach()
    stage.state(11, "active")
    stage.welcome(state="connecting")
    agent.say("audio_config", receive=True)
    stage.tick(2)

    assert agent.words("audio_config")[0]["ready"] is True
    assert len(agent.frames()) == 0  # Taken with the words.
    stage.tick()
    assert len(agent.frames()) == 1


def test_a_call_that_ended_before_the_welcome_closes_with_1000(stage: Stage) -> None:
    agent = stage.attach()
    stage.state(11, "ended", end_reason="hangup")
    stage.welcome()
    stage.tick()

    *_, ended, close = agent.take()
    assert (ended["state"], ended["seq"]) == ("ended", 11)
    assert close.code == 1000


def test_resuming_a_call_that_is_over_replays_its_end_and_closes_with_1000(stage: Stage) -> None:
    agent = stage.attach(last_seq=8)
    stage.welcome(state="ended", replay=[_state_event(9, "ended")])
    stage.tick()

    hello, ended, close = agent.take()
    assert (hello["state"], ended["state"], close.code) == ("ended", "ended", 1000)
    assert stage.registrar.hear("detached")


def test_the_end_of_a_call_is_told_before_its_streams_close_with_1000(stage: Stage) -> None:
    agents = [stage.connect(), stage.connect()]
    guest = stage.guest("g1")

    stage.state(11, "ended", end_reason="hangup")
    stage.tick()

    for agent in agents:
        state, close = agent.take()
        assert (state["state"], state["end_reason"], state["seq"]) == ("ended", "hangup", 11)
        assert (close.code, close.reason) == (1000, "call_ended")
    assert not guest.take()
    assert all(report["clean"] for report in stage.registrar.hear("detached"))


def test_the_end_of_a_room_closes_everybody(stage: Stage) -> None:
    guest = stage.guest("g1")

    stage.event("room.ended", 11, room_id="r", reason="ended")
    stage.tick()

    ended, close = guest.take()
    assert ended["event"] == "room.ended"
    assert close.code == 1000


def test_a_call_that_was_not_ready_says_so_once_when_it_is(stage: Stage) -> None:
    asked, silent = (stage.connect(welcome={"state": "connecting"}) for _ in range(2))
    asked.say("audio_config", receive=True)
    stage.tick(3)
    (before,) = asked.words()

    stage.state(11, "active")
    stage.state(12, "active", detail="on_hold")
    stage.tick()

    assert before["ready"] is False
    state, ready, hold, *frames = asked.take()
    assert (state["type"], hold["detail"]) == ("call_state", "on_hold")
    assert (ready["type"], ready["ready"]) == ("audio_config", True)
    assert len(frames) == 1
    assert [m["type"] for m in silent.take()] == ["call_state", "call_state"]


def test_a_room_closes_only_when_nobody_is_in_it(stage: Stage) -> None:
    agent = stage.connect()
    room = stage.header()["room_id"]

    stage.order("close", room=room)
    kept = room in stage.engine.rooms
    agent.play(ramp(20))
    stage.tick()
    agent.vanish()
    stage.tick()
    stage.order("close", room=room)
    stage.tick(SECOND)

    assert kept
    assert room not in stage.engine.rooms
    assert not stage.engine.decks[48_000].members


def _state_event(seq: int, state: str) -> dict[str, object]:
    rest = dict.fromkeys(("previous", "detail", "end_reason", "error"))
    known = {"seq": seq, "at": "2026-03-13T10:00:00.000Z", "type": "call.state"}
    return known | {"room_id": "r", "call_id": CALL, "payload": {"state": state, **rest}}
