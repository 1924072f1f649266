"""Keys, hashes, signed links, JWTs and secrets at rest."""

import base64
import json
import re
from dataclasses import replace

import jwt
import pytest
from cryptography.fernet import InvalidToken

from app import ids, tokens
from app.tokens import BadToken


def test_keys_have_43_characters_of_their_own():
    assert re.fullmatch(r"chmd_[A-Za-z0-9_-]{43}", tokens.new_api_key("chmd_"))
    assert tokens.new_api_key("chmd_") != tokens.new_api_key("chmd_")


def test_a_guest_link_is_the_same_each_time_and_needs_our_secret(app, context):
    key = ids.new()
    token = tokens.join_token(key)

    assert re.fullmatch(r"jt_[A-Za-z0-9_-]{43}", token)
    assert tokens.join_token(key) == token
    assert tokens.join_token(ids.new()) != token
    app.config["SETTINGS"], before = (
        replace(app.config["SETTINGS"], secret_key="x"),
        app.config["SETTINGS"],
    )
    try:
        assert tokens.join_token(key) != token
    finally:
        app.config["SETTINGS"] = before


def test_secrets_are_read_back_with_the_same_secret_key_alone(context, configure):
    kept = tokens.encrypt("dg_\u00e9")
    assert "dg_" not in kept
    assert tokens.decrypt(kept) == "dg_\u00e9"

    configure(secret_key="another")

    with pytest.raises(InvalidToken):
        tokens.decrypt(kept)


def test_what_was_signed_for_one_purpose_proves_nothing_for_another(context):
    signed = tokens.sign("bridge", {"id": 1})

    assert tokens.unsign("bridge", signed, 60) == {"id": 1}
    for salt, text in (("other", signed), ("bridge", signed + "x"), ("bridge", "")):
        with pytest.raises(BadToken):
            tokens.unsign(salt, text, 60)


def test_what_was_signed_long_ago_proves_nothing(context):
    with pytest.raises(BadToken):
        tokens.unsign("bridge", tokens.sign("bridge", 1), -1)


def test_an_access_token_carries_its_claims_for_an_hour(context):
    claims = tokens.read_access(tokens.issue_access({"sub": "p", "room_id": "r"}))

    assert (claims["sub"], claims["room_id"], claims["type"]) == ("p", "r", "access")
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["iss"] == "patchbay"


def forged(context, **changes):
    settings = context.config["SETTINGS"]
    claims = tokens.read_access(tokens.issue_access({"sub": "p"})) | changes
    return jwt.encode(claims, settings.jwt_secret, algorithm="HS256")


@pytest.mark.parametrize(
    "changes", [{"type": "refresh"}, {"iss": "somebody"}, {"iat": None}, {"sub": None}]
)
def test_a_token_with_other_claims_is_refused(context, changes):
    with pytest.raises(BadToken):
        tokens.read_access(forged(context, **changes))


def test_an_expired_token_says_so(context):
    with pytest.raises(BadToken) as caught:
        tokens.read_access(forged(context, exp=1))

    assert caught.value.expired is True


def test_a_token_signed_with_anything_but_hs256_and_our_key_is_refused(context):
    good = tokens.issue_access({"sub": "p"})
    claims = tokens.read_access(good)
    secret = context.config["SETTINGS"].jwt_secret
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()

    for bad in (
        jwt.encode(claims, "x" * 32, algorithm="HS256"),
        jwt.encode(claims, secret * 2, algorithm="HS512"),
        f"{header}.{good.split('.')[1]}.",
        good[:-2],
        "",
    ):
        with pytest.raises(BadToken) as caught:
            tokens.read_access(bad)
        assert caught.value.expired is False
