"""Every dialect words every error, and answers every path it claims."""

import inspect
import json

import pytest

from app import api, errors
from app.errors import GatewayError

ERRORS = [error for _, error in inspect.getmembers(errors, inspect.isclass)
          if issubclass(error, GatewayError)]  # fmt: skip


@pytest.mark.parametrize("name", api.DIALECTS)
@pytest.mark.parametrize("error", ERRORS)
def test_a_dialect_words_every_error(app, name, error):
    with app.test_request_context("/"):
        answer = api.load(name).envelope(error(fields={"text": ["Too short."]}))

    body, status = answer if isinstance(answer, tuple) else (answer, error.status)
    assert json.loads(json.dumps(body)) == body
    assert str(body)
    assert status >= 400


@pytest.mark.parametrize("name", api.DIALECTS)
def test_an_unknown_path_is_answered_by_the_dialect_that_claims_it(client, name):
    dialect = api.load(name)
    for prefix in dialect.prefixes:
        reply = client.get(f"{prefix}/nothing/like/this")

        assert reply.status_code == 404
        assert reply.is_json


def test_what_no_dialect_claims_is_answered_with_a_page(client):
    reply = client.get("/nothing/like/this")

    assert reply.status_code == 404
    assert reply.mimetype == "text/html"


def test_no_two_dialects_claim_one_prefix(app):
    prefixes = [prefix for name in api.DIALECTS for prefix in api.load(name).prefixes]

    assert len(prefixes) == len(set(prefixes))
