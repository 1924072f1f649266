"""What the rooms dialect's socket says, compared whole."""

from app.api.rooms import messages

LINE = {
    "message_id": "m1",
    "sender_id": None,
    "sender": "Bot",
    "text": "Hi",
    "client_id": "c1",
    "at": "2026-03-13T10:00:00.000Z",
}


def test_a_started_audio_names_its_frames():
    fields = {"rate": 16000, "native_rate": 48000, "receive": True, "ready": True}

    assert messages.notice("configured", fields) == {
        "event": "audio.started",
        "data": {
            "sample_rate": 16000,
            "native_sample_rate": 48000,
            "resampling": True,
            "format": "pcm_s16le",
            "channels": 1,
            "frame_duration_ms": 20,
            "frame_bytes": 640,
            "receive": True,
        },
    }


def test_audio_that_moved_to_another_socket_is_told_to_have_stopped():
    stopped = messages.notice("stopped_audio", {"reason": "replaced"})

    assert stopped == {"event": "audio.stopped", "data": {"reason": "replaced"}}


def test_a_pong_carries_the_servers_time():
    pong = messages.notice("pong", {"token": None, "ref": "ping", "server_time": 1_773_396_000.5})

    assert pong == {"event": "pong", "data": {"timestamp": "2026-03-13T10:00:00.500Z"}}


def test_levels_are_rounded_to_a_tenth():
    told = messages.notice("levels", {"levels": {"a": -20.04}})

    assert told == {"event": "audio.levels", "data": {"levels": {"a": -20.0}}}


def test_an_error_names_the_event_it_answers():
    failed = {"code": "invalid_payload", "message": "No.", "retryable": False, "ref": "chat.send"}

    assert messages.notice("error", failed) == {
        "event": "error",
        "data": {
            "code": "invalid_payload",
            "message": "No.",
            "event": "chat.send",
            "retry_after": None,
        },
    }


def test_codes_of_the_engine_are_put_into_the_dialects_own():
    def code(engine: str) -> str:
        failed = messages.notice("error", {"code": engine, "message": "No."})
        assert failed is not None
        return failed["data"]["code"]

    assert code("audio_overflow") == "audio_overrun"
    assert code("participant_not_found") == "removed"
    assert code("slow_consumer") == "slow_consumer"
    assert code("something_new") == "server_error"


def test_the_end_of_a_room_is_no_error():
    assert messages.notice("error", {"code": "room_ended", "message": "It is over."}) is None


def test_a_repeated_line_comes_back_to_its_sender_alone():
    again = messages.notice("answer", {"name": "chat", "result": {**LINE, "new": False}})

    assert again is not None
    assert again["event"] == "chat.message"
    assert again["data"]["client_id"] == "c1"


def test_a_new_line_needs_no_answer_since_it_comes_as_an_event():
    assert messages.notice("answer", {"name": "chat", "result": {**LINE, "new": True}}) is None
    assert messages.notice("answer", {"name": "mute", "result": None}) is None


def test_a_server_that_goes_away_warns_in_time():
    told = messages.notice("goaway", {"reason": "shutdown", "in_ms": 60_000})

    assert told is not None
    assert (told["event"], told["data"]["code"]) == ("warning", "shutdown")


def test_notices_without_a_word_here_are_not_told():
    for name in ("cleared", "mark_played", "stats", "dropped", "typing"):
        assert messages.notice(name, {}) is None


def test_a_snapshot_lists_who_raised_a_hand_and_fills_the_settings_in():
    person = {
        "id": "p1",
        "name": "Ana",
        "role": "host",
        "kind": "person",
        "self_muted": True,
        "host_muted": False,
        "hand_raised": True,
        "audio": True,
        "joined_at": None,
    }
    room = {"id": "r", "name": "", "status": "active", "config": {"transcription_enabled": False}}
    facts = {"room": room, "participants": [person], "messages": [LINE], "last_seq": 5}

    data = messages.snapshot(facts, replayed=2, reset=True)["data"]

    assert data["room"]["config"] == {
        "max_participants": None,
        "recording_enabled": True,
        "chat_enabled": True,
        "transcription_enabled": False,
    }
    assert data["hands"] == ["p1"]
    assert data["participants"][0]["is_muted"] is True
    assert data["messages"][0]["display_name"] == "Bot"
    assert data["transcription"] == {"active": False, "reason": "disabled"}
    assert (data["is_recording"], data["recording_id"]) == (False, None)
    assert (data["last_seq"], data["replayed"], data["reset"]) == (5, 2, True)
