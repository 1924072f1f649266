"""Idempotency keys, as the database keeps them."""

from datetime import timedelta

import pytest

from app.errors import IdempotencyConflict, IdempotencyMismatch
from app.extensions import db, transaction
from app.models import IdempotencyRecord
from app.models.columns import now
from app.services import repeats
from tests.databases import on_both_databases
from tests.fakes import at_once


@on_both_databases
def test_of_many_at_once_one_gets_the_turn(app, tenant):
    def begin():
        with app.app_context():
            return repeats.begin(tenant.id, "k", "f", test=False)

    outcomes = at_once(*[begin] * 4)

    assert sum(isinstance(outcome, IdempotencyConflict) for outcome in outcomes) == 3


def test_the_reply_is_given_again_and_kept_encrypted(context, tenant):
    turn = repeats.begin(tenant.id, "k", "f", test=False)
    repeats.store(turn, 201, '{"key": "secret"}')

    again = repeats.begin(tenant.id, "k", "f", test=False)

    assert again == repeats.Reply(201, '{"key": "secret"}')
    assert "secret" not in db.session.get(IdempotencyRecord, turn, populate_existing=True).body


def test_another_request_is_a_mismatch_even_while_the_first_runs(context, tenant):
    repeats.begin(tenant.id, "k", "f", test=False)

    with pytest.raises(IdempotencyMismatch):
        repeats.begin(tenant.id, "k", "other", test=False)


def test_a_key_that_was_freed_can_be_used_again(context, tenant):
    repeats.forget(repeats.begin(tenant.id, "k", "f", test=False))

    assert repeats.begin(tenant.id, "k", "f", test=False)


def test_the_sweep_forgets_what_nobody_may_ask_for_any_more(context, tenant):
    turns = [repeats.begin(tenant.id, key, "f", test=False) for key in ("old", "new")]
    with transaction():
        old = db.session.get(IdempotencyRecord, turns[0])
        old.created_at = now() - timedelta(hours=25)

    repeats.sweep()

    db.session.expire_all()
    found = [db.session.get(IdempotencyRecord, turn) is not None for turn in turns]
    assert found == [False, True]
