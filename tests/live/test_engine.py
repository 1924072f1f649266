"""Whole ticks: who hears what, over real sockets."""

import socket

import numpy as np

from app.handover import pass_descriptor
from app.live import engine as engines
from tests.fakes import at_once
from tests.live.fakes import AGENT, CALL, ROOM, SECOND, Stage, ramp, tone


def test_three_members_hear_the_exact_sum_of_the_other_two(stage: Stage) -> None:
    agent = stage.connect()
    agent.say("audio_config", receive=True)
    guests = [stage.guest("g1"), stage.guest("g2")]
    for guest in guests:
        guest.tell("audio.start")
    stage.tick()
    everybody = [agent, *guests]
    for client in everybody:
        client.take()
    voices = [ramp(1), ramp(1, start=5000), tone(-20_000)]

    for client, voice in zip(everybody, voices, strict=True):
        client.play(voice)
    stage.tick()

    for place, client in enumerate(everybody):
        others = sum(v.astype(int) for i, v in enumerate(voices) if i != place)
        assert [frame.tolist() for frame in client.frames()] == [others.tolist()]


def test_silence_is_sent_as_well_one_frame_for_each_tick(stage: Stage) -> None:
    agent = stage.connect()
    agent.say("audio_config", receive=True)
    stage.tick()
    agent.take()

    stage.tick(5)

    frames = agent.frames()
    assert len(frames) == 5
    assert not np.any(frames)


def test_streams_of_one_call_are_summed_with_saturation_and_hear_only_the_others(
    stage: Stage,
) -> None:
    guest = stage.guest("g1")
    guest.tell("audio.start")
    streams = [stage.connect(), stage.connect()]
    streams[0].say("audio_config", receive=True)
    stage.tick()
    guest.take(), streams[0].take()

    for stream, level in zip(streams, (20_000, 30_000), strict=True):
        stream.play(tone(level))
    guest.play(tone(3))
    stage.tick()

    assert guest.frames()[0].tolist() == tone(32_767).tolist()
    assert streams[0].frames()[0].tolist() == tone(3).tolist()


def test_rooms_of_two_rates_run_side_by_side(stage: Stage) -> None:
    other = {"room_id": ROOM[:-1] + "2", "call_id": CALL[:-1] + "2"}
    wide = stage.connect()
    narrow = stage.connect(**other, welcome={"rate": 16_000})
    for agent in (wide, narrow):
        agent.say("audio_config", receive=True)
    stage.tick()
    wide.take(), narrow.take()

    stage.tick()

    assert [len(frame) for frame in wide.frames()] == [960]
    assert [len(frame) for frame in narrow.frames()] == [320]


def test_nobody_is_disturbed_while_the_engine_makes_room_for_more_sockets(stage: Stage) -> None:
    talker = stage.connect()
    stage.tick()
    guests = [stage.guest(f"g{number}") for number in range(70)]

    talker.play(tone(9))
    for guest in guests:
        guest.tell("audio.start")
    stage.tick(2)

    assert [g.frames()[0][0] for g in guests] == [9] * 70
    assert not talker.take()


def test_a_stream_that_comes_back_while_its_old_audio_plays_is_heard_behind_it(
    stage: Stage,
) -> None:
    guest = stage.guest("g1")
    guest.tell("audio.start")
    agent = stage.connect()
    agent.play(ramp(5))
    stage.tick()
    agent.vanish()
    stage.tick()
    again = stage.connect()
    stage.heard(guest, 2 * SECOND)

    again.play(tone(8))
    stage.tick()

    assert guest.frames()[-1].tolist() == tone(8).tolist()


def test_a_socket_comes_over_the_unix_socket_with_what_was_read_ahead(stage: Stage) -> None:
    far, near = socket.socketpair()
    client = stage.client(far)
    unread = "gYWB" + "AAAA"  # The web process had read half a frame: its head and mask.
    header = stage.header(unread=unread)

    def engine() -> None:
        while not stage.engine.waiting:
            stage.converse()

    outcomes = at_once(lambda: pass_descriptor(stage.engine.intake.path, header, near), engine)
    near.close()
    stage.welcome()

    assert outcomes == [None, None]
    assert [message["type"] for message in client.words()] == ["hello", "call_state"]
    (report,) = stage.registrar.hear("attached")
    assert report["participant"] == AGENT
    assert stage.sessions()[0].peer.pending


def test_load_is_reported_every_second(stage: Stage) -> None:
    stage.connect()
    stage.registrar.hear()

    stage.tick(2 * SECOND)

    loads = stage.registrar.hear("load")
    assert [(load["sockets"], load["rooms"]) for load in loads] == [(1, 1)] * 2
    assert "late_p99" in loads[0]["clock"]


def test_the_usual_resamplers_are_designed_before_the_first_tick() -> None:
    engines._prepare_filters()

    assert engines.filters.design.cache_info().currsize >= 30
