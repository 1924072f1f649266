"""Repeated requests under one Idempotency-Key, through the front door."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.extensions import db, transaction
from app.models import IdempotencyRecord
from app.models.columns import now
from tests.databases import on_both_databases
from tests.fakes import at_once

ROOM = {"platform": "room"}


def place(agent, key="one", **body):
    return agent.post("/api/call", json=ROOM | body, headers={"Idempotency-Key": key})


def change(app, tenant, **values):
    with app.app_context(), transaction():
        mine = IdempotencyRecord.tenant_id == tenant.id
        db.session.execute(update(IdempotencyRecord).where(mine).values(**values))


def test_a_repeat_gets_the_first_reply_and_makes_nothing(agent, live):
    first, second = place(agent), place(agent)

    assert second.status_code == 201
    assert second.json == first.json
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert agent.get("/api/calls").json["total"] == 1


def test_without_the_header_every_request_is_new(agent, live):
    for _ in range(2):
        agent.post("/api/call", json=ROOM)

    assert agent.get("/api/calls").json["total"] == 2


def test_another_request_under_the_same_key_is_a_mismatch(agent, live):
    place(agent)

    for reply in (
        place(agent, agent_name="Bob"),
        agent.post("/api/keys", json=ROOM, headers={"Idempotency-Key": "one"}),
    ):
        assert (reply.status_code, reply.json["error"]["code"]) == (400, "idempotency_mismatch")


def test_a_slash_at_the_end_makes_no_other_request(agent, live):
    place(agent)

    reply = agent.post("/api/call/", json=ROOM, headers={"Idempotency-Key": "one"})

    assert reply.headers["Idempotent-Replayed"] == "true"


def test_keys_belong_to_their_tenant_and_to_live_or_test(agent, tenant, other, make_account, live):
    tester = make_account(tenant.id, environment="test").agent

    replies = [place(each) for each in (agent, other.agent, tester)]

    assert len({reply.json["call_id"] for reply in replies}) == 3


@on_both_databases
def test_of_twins_at_once_one_runs_and_the_other_waits_or_repeats(app, tenant, live):
    for attempt in range(4):
        replies = at_once(*[lambda key=str(attempt): place(tenant.agent, key)] * 2)

        statuses = sorted(reply.status_code for reply in replies)
        assert statuses in ([201, 201], [201, 409])
        if statuses[1] == 409:
            conflict = next(reply for reply in replies if reply.status_code == 409)
            assert conflict.json["error"]["code"] == "idempotency_conflict"
            assert conflict.json["error"]["retryable"] is True
    assert tenant.agent.get("/api/calls").json["total"] == 4


def test_a_twin_of_a_running_request_is_a_conflict(app, agent, tenant, live):
    place(agent)
    change(app, tenant, status=None, body=None)

    reply = place(agent)

    assert (reply.status_code, reply.json["error"]["code"]) == (409, "idempotency_conflict")


def test_a_request_that_died_while_running_may_be_tried_again(app, agent, tenant, live):
    first = place(agent)
    change(app, tenant, status=None, body=None, created_at=now() - timedelta(seconds=61))

    second = place(agent)

    assert second.status_code == 201
    assert second.json["call_id"] != first.json["call_id"]


def test_a_key_is_free_again_after_a_day(app, agent, tenant, live):
    first = place(agent)
    change(app, tenant, created_at=now() - timedelta(hours=24, seconds=1))

    assert place(agent).json["call_id"] != first.json["call_id"]


def test_a_request_that_failed_frees_its_key(agent, live):
    assert place(agent, metadata={"a": 1}).status_code == 400

    assert place(agent).status_code == 201


@pytest.mark.parametrize("length", [255, 256])
def test_a_key_has_at_most_255_characters(agent, live, length):
    assert place(agent, key="k" * length).status_code == (201 if length == 255 else 400)


def test_a_new_api_key_is_not_kept_readable(app, agent, tenant):
    headers = {"Idempotency-Key": "one"}
    made = agent.post("/api/keys", json={"name": "x"}, headers=headers).json["key"]

    with app.app_context():
        record = db.session.query(IdempotencyRecord).filter_by(tenant_id=tenant.id).one()
        assert made not in record.body
    assert agent.post("/api/keys", json={"name": "x"}, headers=headers).json["key"] == made
