"""The first tenant, login and key."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.errors import InvalidRequest
from app.services import first_start, keys, tenants, users

MakeApp = Callable[..., Flask]


def test_what_the_operator_set_is_used_and_not_told_again(make_app: MakeApp) -> None:
    chosen = {
        "bootstrap_email": "Me@Example.com",
        "bootstrap_password": "a password of my own",
        "bootstrap_api_key": "sk_live_of_my_own_choice",
    }
    with make_app(**chosen).app_context():
        login = first_start.bootstrap()

        assert login == first_start.FirstLogin("me@example.com", None, None)
        user = users.authenticate("me@example.com", "a password of my own")
        key = keys.identify("sk_live_of_my_own_choice")
        assert key is not None
        assert key.tenant_id == user.tenant_id


def test_what_nobody_set_is_made_and_told(make_app: MakeApp) -> None:
    with make_app().app_context():
        login = first_start.bootstrap()

        assert login is not None
        assert login.password is not None
        assert login.api_key is not None
        assert users.authenticate(login.email, login.password)
        assert keys.identify(login.api_key)


def test_an_install_with_a_tenant_is_left_alone(make_app: MakeApp) -> None:
    with make_app(bootstrap_api_key="chmd_another_key").app_context():
        tenants.create("Acme")

        assert first_start.bootstrap() is None
        assert keys.identify("chmd_another_key") is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"bootstrap_password": "short"}, "password"), ({"bootstrap_email": "nobody"}, "email")],
)
def test_a_login_that_cannot_be_used_leaves_nothing_behind(
    make_app: MakeApp, wrong: dict[str, Any], field: str
) -> None:
    with make_app(**wrong).app_context():
        with pytest.raises(InvalidRequest) as caught:
            first_start.bootstrap()

        assert field in caught.value.fields
        assert tenants.first() is None
