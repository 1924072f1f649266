"""Lanes: work of one room in order, of several rooms side by side."""

import threading

from flask import current_app

from app.live.lanes import Lanes
from app.live.link import LinkLost


def test_work_of_one_room_is_done_in_its_order_and_before_the_end(app):
    lanes, done = Lanes(app, 4), []

    for number in range(100):
        lanes.run("room", lambda number=number: done.append(number))
    lanes.close()

    assert done == list(range(100))


def test_rooms_do_not_wait_for_each_other(app):
    lanes, meeting = Lanes(app, 8), threading.Barrier(2, timeout=10)
    one = "room"
    other = next(name for name in map(str, range(99)) if hash(name) % 8 != hash(one) % 8)
    met = []

    for room in (one, other):
        lanes.run(room, lambda: met.append(meeting.wait()))
    lanes.close()

    assert len(met) == 2


def test_work_that_fails_does_not_keep_the_rest_from_being_done(app, caplog):
    def fail(error):
        raise error

    lanes, done = Lanes(app, 1), []

    lanes.run("room", lambda: fail(ValueError()))
    lanes.run("room", lambda: fail(LinkLost()))
    lanes.run("room", lambda: done.append(current_app.name))
    lanes.close()

    assert done == [app.name]
    assert [record.levelname for record in caplog.records if record.levelno > 20] == ["ERROR"]
