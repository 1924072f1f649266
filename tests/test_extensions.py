"""Transactions: all or nothing, and what follows only a commit."""

import sqlite3
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import ids
from app.extensions import after_commit, db, store, transaction
from app.models import Tenant
from app.services import tenants
from tests.databases import on_both_databases
from tests.fakes import at_once


def stored(tenant_id):
    db.session.remove()
    return db.session.get(Tenant, tenant_id)


@on_both_databases
def test_a_block_that_fails_changes_nothing_and_nothing_follows(context):
    followed = []

    with pytest.raises(ZeroDivisionError), transaction():
        tenant_id = tenants.create("Acme").id
        after_commit(lambda: followed.append(1))
        raise ZeroDivisionError

    assert stored(tenant_id) is None
    assert followed == []


@on_both_databases
def test_inner_blocks_commit_with_the_outermost(context):
    order = []

    with transaction():
        with transaction():
            tenant_id = tenants.create("Acme").id
            after_commit(lambda: order.append("followed"))
        order.append("inner is over")

    assert order == ["inner is over", "followed"]
    assert stored(tenant_id) is not None


@on_both_databases
def test_a_row_stored_at_once_has_its_defaults_and_takes_changes(context):
    tenant = Tenant(name="Acme", config={"a": 1})

    with transaction():
        store(tenant)
        assert db.session.get(Tenant, tenant.id) is tenant
        tenant.name = "New"

    again = stored(tenant.id)
    assert (again.name, again.config, again.last_seq) == ("New", {"a": 1}, 0)
    assert (again.is_active, again.last_seen_at, again.created_at) == (
        True,
        None,
        tenant.created_at,
    )


@on_both_databases
def test_a_row_stored_at_once_goes_with_its_transaction(context):
    tenant_id = ids.new()

    with pytest.raises(ZeroDivisionError), transaction():
        store(Tenant(id=tenant_id, name="Acme"))
        raise ZeroDivisionError

    assert stored(tenant_id) is None


def test_what_follows_sees_the_commit_and_may_write_itself(context):
    made = []

    with transaction():
        tenant_id = tenants.create("Acme").id
        after_commit(lambda: made.append(tenants.create("Second").id))

    assert stored(tenant_id) is not None
    assert stored(made[0]) is not None


def test_a_failure_of_what_follows_is_logged_and_undoes_nothing(context, caplog):
    followed = []

    with transaction():
        tenant_id = tenants.create("Acme").id
        after_commit(lambda: 1 / 0)
        after_commit(lambda: followed.append(1))

    assert stored(tenant_id) is not None
    assert followed == [1]
    assert "What follows a commit failed" in caplog.text


def test_outside_of_a_transaction_it_follows_at_once(context):
    followed = []

    after_commit(lambda: followed.append(1))

    assert followed == [1]


def test_sqlite_is_set_up_for_many_readers_and_one_writer(context):
    def pragma(name):
        return db.session.execute(text(f"PRAGMA {name}")).scalar()

    assert pragma("journal_mode") == "wal"
    assert pragma("foreign_keys") == 1
    assert pragma("busy_timeout") == 10_000


@pytest.fixture
def foreign_writer(app):
    """Another process's connection to the database, which holds the write lock."""
    path = app.config["SETTINGS"].database_url.removeprefix("sqlite:///")
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


def test_on_sqlite_a_writer_waits_for_another_process(app, tenant, foreign_writer):
    def write():
        with app.app_context():
            tenants.configure(db.session.get(Tenant, tenant.id), name="New")

    def let_go():
        time.sleep(0.05)
        foreign_writer.execute("ROLLBACK")

    assert at_once(write, let_go) == [None, None]
    with app.app_context():
        assert stored(tenant.id).name == "New"
        assert db.session.execute(text("PRAGMA busy_timeout")).scalar() == 10_000


def test_on_sqlite_a_writer_waits_no_longer_than_its_patience(
    context, tenant, foreign_writer, monkeypatch
):
    monkeypatch.setattr("app.extensions._SQLITE_PATIENCE", 0)

    with pytest.raises(OperationalError):
        tenants.configure(db.session.get(Tenant, tenant.id), name="New")

    foreign_writer.execute("ROLLBACK")
    assert stored(tenant.id).name == "Acme"


@on_both_databases
def test_writers_at_once_lose_nothing(app, tenant):
    def count_up():
        with app.app_context():
            for _ in range(10):
                with transaction():
                    row = db.session.get(
                        Tenant, tenant.id, populate_existing=True, with_for_update=True
                    )
                    row.max_concurrent_calls += 1

    assert at_once(*[count_up] * 3) == [None] * 3
    with app.app_context():
        assert stored(tenant.id).max_concurrent_calls == 50


@on_both_databases
def test_reading_goes_on_while_somebody_writes(app, tenant):
    with app.app_context(), transaction():
        db.session.get(Tenant, tenant.id).name = "New"
        db.session.flush()  # The row is locked from here on.

        def read():
            with app.app_context():
                return db.session.get(Tenant, tenant.id).name

        assert at_once(read) == ["Acme"]
