"""The operators' commands."""

import uuid
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from app import ids
from app.services import keys, rooms, tenants, users
from tests.fakes import Account

Run = Callable[..., Result]


@pytest.fixture
def run(context: Flask) -> Run:
    def invoke(*words: str) -> Result:
        return context.test_cli_runner().invoke(args=words)

    return invoke


@pytest.fixture
def email() -> str:
    return f"{uuid.uuid4().hex}@example.com"


def test_a_new_key_is_all_that_is_printed(run: Run, tenant: Account) -> None:
    result = run("keys", "create", "deploy", "--scope", "calls:read", "--tenant", str(tenant.id))

    key = keys.identify(result.output.strip())
    assert key is not None
    assert (key.tenant_id, key.scopes) == (tenant.id, ["calls:read"])


def test_a_wrong_scope_is_explained_on_one_line(run: Run, tenant: Account) -> None:
    result = run("keys", "create", "x", "--scope", "everything", "--tenant", str(tenant.id))

    assert result.exit_code == 1
    assert result.output == "Error: Unknown scope: everything.\n"


def test_keys_are_listed_without_what_opens_them(run: Run, tenant: Account) -> None:
    result = run("keys", "list", "--tenant", str(tenant.id))

    assert tenant.key[-4:] in result.output
    assert tenant.key not in result.output
    assert "never" in result.output


def test_a_revoked_key_opens_nothing(run: Run, tenant: Account) -> None:
    result = run("keys", "revoke", ids.public("key", tenant.key_id), "--tenant", str(tenant.id))

    assert result.exit_code == 0
    assert keys.identify(tenant.key) is None


def test_revoking_an_unknown_key_fails(run: Run, tenant: Account) -> None:
    result = run("keys", "revoke", "key_nonsense", "--tenant", str(tenant.id))

    assert result.exit_code == 1
    assert "no such key" in result.output


def test_an_unknown_tenant_fails(run: Run) -> None:
    result = run("keys", "list", "--tenant", str(uuid.uuid4()))

    assert result.exit_code == 1


def test_a_user_can_be_made_and_given_another_password(run: Run, email: str) -> None:
    assert run("users", "create", email, "--password", "the first one").exit_code == 0

    result = run("users", "set-password", email, "--password", "another one")

    assert result.exit_code == 0
    assert users.authenticate(email, "another one").email == email


def test_a_new_password_ends_the_sessions(run: Run, email: str) -> None:
    user = users.sign_up(email, "the first one")
    epoch = user.session_epoch

    run("users", "set-password", email, "--password", "another one")

    assert users.of_session(user.id, epoch) is None


def test_an_unknown_user_has_no_password_to_set(run: Run, email: str) -> None:
    result = run("users", "set-password", email, "--password", "long enough")

    assert result.exit_code == 1
    assert "no user with this address" in result.output


def test_live_rooms_are_listed_and_ended(run: Run, tenant: Account) -> None:
    room = rooms.create(tenant.id, "Stand-up")

    assert "Stand-up" in run("rooms", "list", "--tenant", str(tenant.id)).output
    assert run("rooms", "end", str(room.id)).output == "Ended.\n"
    assert "Stand-up" not in run("rooms", "list", "--tenant", str(tenant.id)).output
    assert "Stand-up" in run("rooms", "list", "--all", "--tenant", str(tenant.id)).output


def test_ending_a_room_twice_says_so(run: Run, tenant: Account) -> None:
    room = rooms.create(tenant.id)
    rooms.end(room.id, "operator")

    assert "ended before" in run("rooms", "end", str(room.id)).output


def test_more_rooms_than_asked_for_are_counted(run: Run, tenant: Account) -> None:
    for _ in range(3):
        rooms.create(tenant.id)

    result = run("rooms", "list", "--limit", "1", "--tenant", str(tenant.id))

    assert result.output.splitlines()[-1] == "… and 2 more"


def test_tenants_are_listed(run: Run) -> None:
    made = tenants.create("A name like no other")

    assert f"{made.id}  A name like no other" in run("tenants", "list").output


def test_trimming_tells_how_much_was_forgotten(run: Run) -> None:
    assert run("events", "trim").output == "0 events forgotten.\n"


def test_an_install_is_bootstrapped_once(make_app: Callable[..., Flask]) -> None:
    app = make_app(bootstrap_email="first@example.com")
    with app.app_context():
        first = app.test_cli_runner().invoke(args=["bootstrap"])
        again = app.test_cli_runner().invoke(args=["bootstrap"])

    assert "first@example.com" in first.output
    assert "API key   chmd_" in first.output
    assert again.output == "There is a tenant already; nothing was made.\n"


def test_without_a_tenant_the_commands_say_how_to_make_one(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["keys", "list"])

    assert result.exit_code == 1
    assert "bootstrap" in result.output
