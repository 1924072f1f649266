"""Whatever is raised becomes an error of ours, and nothing leaks."""

import pytest
from marshmallow import Schema, ValidationError, fields
from werkzeug import exceptions

from app.api.failures import normalise
from app.bus import BusDown
from app.errors import CallEnded


class Words(Schema):
    text = fields.String(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    files = fields.List(fields.Dict())


def test_an_error_of_ours_stays_as_it_is(context):
    error = CallEnded("Gone.")

    assert normalise(error) is error


def test_a_schemas_complaints_become_flat_fields(context):
    with pytest.raises(ValidationError) as caught:
        Words().load({"counts": {"a": "x"}, "files": [{}, 1]})

    error = normalise(caught.value)

    assert (error.code, error.status) == ("invalid_request", 400)
    assert set(error.fields) == {"text", "counts.a", "files.1"}
    assert error.fields["counts.a"] == ["Not a valid integer."]


@pytest.mark.parametrize(
    ("raised", "code", "status"),
    [
        (exceptions.BadRequest(), "invalid_request", 400),
        (exceptions.NotFound(), "not_found", 404),
        (exceptions.MethodNotAllowed(), "method_not_allowed", 405),
        (exceptions.RequestEntityTooLarge(), "body_too_large", 413),
        (exceptions.RequestURITooLarge(), "invalid_request", 400),
        (exceptions.UnsupportedMediaType(), "unsupported_media_type", 415),
        (exceptions.ServiceUnavailable(), "unavailable", 503),
        (exceptions.NotImplemented(), "internal_error", 500),
        (BusDown("ConnectionError"), "unavailable", 503),
    ],
)
def test_what_frameworks_raise_has_a_code_of_ours(context, raised, code, status):
    error = normalise(raised)

    assert (error.code, error.status) == (code, status)


def test_what_nobody_foresaw_is_logged_and_hidden(context, caplog):
    error = normalise(RuntimeError("the password is hunter2"))

    assert (error.code, error.status) == ("internal_error", 500)
    assert "hunter2" not in str(error)
    record = caplog.records[0]
    assert record.getMessage() == "A request failed"
    assert record.exc_info is not None
