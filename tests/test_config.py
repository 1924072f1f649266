"""Settings from the environment."""

from pathlib import Path

import pytest

from app import config
from tests.fakes import at_once


@pytest.fixture
def load(tmp_path):
    def loaded(**environ):
        return config.load({"DATA_DIR": str(tmp_path), **environ})

    return loaded


def test_an_empty_environment_gives_the_defaults(load, tmp_path):
    settings = load()

    assert (settings.port, settings.rate_requests, settings.signup_open) == (8080, 600, True)
    assert settings.base == "http://127.0.0.1:8080"
    assert settings.sqlalchemy_url == f"sqlite:///{tmp_path / 'patchbay.db'}"
    assert settings.redis_address == f"unix://{tmp_path / 'run' / 'redis.sock'}"


def test_values_are_read_by_their_types(load):
    settings = load(PORT="9000", RING_TIMEOUT="1.5", SIGNUP_OPEN="no", HOST="0.0.0.0")

    assert (settings.port, settings.ring_timeout, settings.signup_open) == (9000, 1.5, False)


def test_an_empty_value_counts_as_none(load):
    assert load(PORT="").port == 8080


@pytest.mark.parametrize(
    "wrong", [{"PORT": "many"}, {"RING_TIMEOUT": "soon"}, {"SIGNUP_OPEN": "perhaps"}]
)
def test_a_value_of_the_wrong_type_is_named(load, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        load(**wrong)


def test_secrets_are_made_once_and_kept_for_oneself(load, tmp_path):
    first, second = load(), load()

    assert first.secret_key == second.secret_key
    assert first.secret_key != first.jwt_secret
    files = list((tmp_path / "secrets").iterdir())
    assert {path.name for path in files} == {"secret_key", "jwt_secret"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_processes_that_start_at_once_agree_on_the_secrets(load):
    outcomes = at_once(*[lambda: load().secret_key] * 4)

    assert len(set(outcomes)) == 1


def test_secrets_that_are_given_are_not_made(load, tmp_path):
    assert load(SECRET_KEY="own", JWT_SECRET="x" * 32).secret_key == "own"
    assert not (tmp_path / "secrets").exists()


def test_a_short_jwt_secret_is_refused(load):
    with pytest.raises(ValueError, match="32 characters"):
        load(JWT_SECRET="x" * 31)


def test_an_emptied_secret_file_is_an_error_and_not_a_secret(load, tmp_path):
    load()
    Path(tmp_path / "secrets" / "secret_key").write_text("")

    with pytest.raises(ValueError, match="empty"):
        load()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:///x.db", "sqlite:///x.db"),
    ],
)
def test_database_addresses_name_our_driver(load, given, shown):
    assert load(DATABASE_URL=given).sqlalchemy_url == shown


def test_the_public_address_decides_what_we_hand_out(load):
    settings = load(PUBLIC_URL="https://calls.example.org/")

    assert settings.base == "https://calls.example.org"
    assert settings.ws_base == "wss://calls.example.org"
    assert settings.secure is True
    assert load().secure is False


def test_overrides_win_over_the_environment(tmp_path):
    assert config.load({"DATA_DIR": str(tmp_path), "PORT": "1"}, port=2).port == 2
