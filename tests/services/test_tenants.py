"""Tenants and their settings."""

from datetime import timedelta

import pytest

from app import ids
from app.errors import NotFound
from app.extensions import db
from app.models import Tenant
from app.models.columns import now
from app.services import tenants


def test_a_tenant_starts_with_the_installs_limits(context, configure):
    configure(max_calls_per_tenant=7)

    tenant = tenants.create("Acme")

    assert (tenant.max_concurrent_calls, tenant.last_seq, tenant.is_active) == (7, 0, True)
    assert tenant.config == tenants.DEFAULT_CONFIG
    assert tenant.config is not tenants.DEFAULT_CONFIG


def test_changing_one_setting_keeps_the_others(context):
    tenant = tenants.create("Acme")

    tenants.configure(tenant, reply_timeout_s=0)
    tenants.configure(tenant, name="New")

    again = db.session.get(Tenant, tenant.id, populate_existing=True)
    assert (again.name, again.config["reply_timeout_s"]) == ("New", 0)
    assert again.config["reply_timeout_text"] == tenants.DEFAULT_CONFIG["reply_timeout_text"]


def test_being_seen_is_written_at_most_once_a_minute(context, monkeypatch):
    tenant, at = tenants.create("Acme"), now().replace(second=10)

    def seen(moment):
        monkeypatch.setattr("app.services.tenants.now", lambda: moment)
        tenants.saw(tenant.id)
        return db.session.get(Tenant, tenant.id, populate_existing=True).last_seen_at

    assert seen(at) == at
    assert seen(at + timedelta(seconds=40)) == at
    assert seen(at + timedelta(seconds=60)) == at + timedelta(seconds=60)


def test_an_unknown_tenant_is_not_found(context):
    with pytest.raises(NotFound):
        tenants.get(ids.new())


def test_the_first_tenant_is_the_oldest(context):
    tenants.create("Later")

    oldest = db.session.query(Tenant).order_by(Tenant.created_at, Tenant.id).first()
    assert tenants.first() is oldest
