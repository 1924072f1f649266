"""The event log: numbered without gaps, whoever writes at once."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import ids
from app.extensions import db, transaction
from app.models import Event
from app.models.columns import now
from app.services import events
from tests.databases import on_both_databases
from tests.fakes import at_once

WRITER = """
import sys, uuid
from app import create_app
from app.extensions import transaction
from app.services import events
with create_app().app_context():
    for n in range(int(sys.argv[2])):
        with transaction():
            events.append(uuid.UUID(sys.argv[1]), "test.written", {"n": n})
"""


def write(app, tenant_id, count, room_id=None):
    with app.app_context():
        for n in range(count):
            with transaction():
                events.append(tenant_id, "test.written", {"n": n}, room_id=room_id)


def numbers(app, tenant_id):
    with app.app_context():
        query = select(Event.seq).where(Event.tenant_id == tenant_id).order_by(Event.seq)
        return list(db.session.scalars(query))


@on_both_databases
def test_two_threads_at_once_leave_no_gap(app, tenant):
    outcomes = at_once(*[lambda: write(app, tenant.id, 25)] * 2)

    assert outcomes == [None, None]
    assert numbers(app, tenant.id) == list(range(1, 51))


@on_both_databases
def test_two_processes_at_once_leave_no_gap(app, tenant):
    settings = app.config["SETTINGS"]
    environment = os.environ | {
        "DATA_DIR": settings.data_dir,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "JWT_SECRET": settings.jwt_secret,
    }
    command = [sys.executable, "-c", WRITER, str(tenant.id), "20"]

    writers = [subprocess.Popen(command, env=environment) for _ in range(2)]

    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert numbers(app, tenant.id) == list(range(1, 41))


@on_both_databases
def test_a_change_that_fails_takes_no_number(app, tenant):
    write(app, tenant.id, 1)
    with app.app_context(), pytest.raises(ZeroDivisionError), transaction():
        events.append(tenant.id, "test.written", {})
        raise ZeroDivisionError

    write(app, tenant.id, 1)

    assert numbers(app, tenant.id) == [1, 2]


def test_tenants_count_on_their_own(app, tenant, other):
    write(app, tenant.id, 2)
    write(app, other.id, 1)

    assert numbers(app, other.id) == [1]


def test_a_room_is_read_from_a_number_on(app, tenant):
    room_id = ids.new()
    write(app, tenant.id, 3, room_id)
    write(app, tenant.id, 2)

    with app.app_context():
        assert [event.seq for event in events.of_room(room_id, 1)] == [2, 3]
        assert [event.seq for event in events.of_room(room_id, 0, limit=1)] == [1]


def test_a_call_reads_its_own_events_and_the_rooms_but_no_other_calls(context, tenant):
    room_id, mine, theirs = ids.new(), ids.new(), ids.new()
    with transaction():
        for call_id in (None, mine, theirs):
            events.append(tenant.id, "test.written", {}, room_id=room_id, call_id=call_id)

    assert [event.seq for event in events.of_call(room_id, mine, 0)] == [1, 2]


def test_the_first_and_last_numbers_are_known(context, tenant):
    assert (events.first_seq(tenant.id), events.last_seq(tenant.id)) == (None, 0)
    with transaction():
        events.append(tenant.id, "test.written", {})
        events.append(tenant.id, "test.written", {})

    assert (events.first_seq(tenant.id), events.last_seq(tenant.id)) == (1, 2)


def test_old_events_are_forgotten_and_their_numbers_are_not_used_again(context, tenant):
    with transaction():
        for _ in range(2):
            events.append(tenant.id, "test.written", {})
        db.session.query(Event).filter_by(tenant_id=tenant.id, seq=1).one().at = now() - timedelta(
            days=31
        )

    with transaction():
        assert events.trim() >= 1

    assert (events.first_seq(tenant.id), events.last_seq(tenant.id)) == (2, 2)


def test_an_event_is_kept_when_redis_cannot_tell_of_it(context, tenant, configure, caplog):
    configure(redis_url="unix:///nowhere/redis.sock")

    with transaction():
        events.append(tenant.id, "test.written", {})

    assert events.last_seq(tenant.id) == 1
    assert "could not be announced" in caplog.text
