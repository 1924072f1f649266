"""People who sign in."""

import pytest

from app import ids
from app.errors import EmailTaken, InvalidRequest, Unauthorized
from app.models import User
from app.services import tenants, users

PASSWORD = "a good long password"


@pytest.fixture
def email():
    return f"{ids.new()}@example.org"


@pytest.fixture
def user(context, email):
    return users.sign_up(email.upper(), PASSWORD, name=" Ann ", tenant_name="Acme")


def test_signing_up_makes_a_tenant_and_keeps_no_password(user, email):
    assert (user.email, user.name) == (email, "Ann")
    assert tenants.get(user.tenant_id).name == "Acme"
    assert PASSWORD not in user.password_hash
    assert user.password_hash.startswith("$argon2id$")


def test_an_address_has_one_account(user, email):
    with pytest.raises(EmailTaken):
        users.sign_up(email, PASSWORD)


@pytest.mark.parametrize("bad", ["", "ann", "@example.org", "ann@", "a@b@c", "x" * 250 + "@x.org"])
def test_what_is_no_address_is_refused(context, bad):
    with pytest.raises(InvalidRequest):
        users.sign_up(bad, PASSWORD)


@pytest.mark.parametrize("bad", ["", "short", "x" * 257])
def test_a_password_has_10_to_256_characters(context, email, bad):
    with pytest.raises(InvalidRequest):
        users.sign_up(email, bad)


def test_the_right_password_signs_in(user, email):
    assert users.authenticate(f" {email.title()} ", PASSWORD) is user
    assert user.last_login_at is not None


@pytest.mark.parametrize("wrong", ["address", "password"])
def test_wrong_address_and_wrong_password_sound_the_same(user, email, wrong):
    with pytest.raises(Unauthorized) as caught:
        users.authenticate("nobody@example.org" if wrong == "address" else email, "wrong")

    assert str(caught.value) == "E-mail address or password is wrong."


def test_a_new_password_ends_the_sessions(user):
    assert users.of_session(user.id, 0) is user

    users.change_password(user, PASSWORD, "another long password")

    assert users.of_session(user.id, 0) is None
    assert users.of_session(user.id, 1) is user
    assert isinstance(users.authenticate(user.email, "another long password"), User)


def test_the_password_changes_only_with_the_current_one(user):
    with pytest.raises(InvalidRequest) as caught:
        users.change_password(user, "wrong", "another long password")

    assert list(caught.value.fields) == ["current_password"]
    assert users.of_session(ids.new(), 0) is None
