"""Errors in the rooms dialect's own words."""

import pytest

from app import errors
from app.api.rooms.envelope import envelope


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (errors.NotFound(), 404, "not found"),
        (errors.RoomNotFound(), 404, "room not found"),
        (errors.ParticipantNotFound(), 404, "participant not found"),
        (errors.RoomFull(), 400, "room is full"),
        (errors.RoomEnded("Whatever."), 400, "room is not active"),
        (errors.InvalidJSON(), 400, "invalid JSON body"),
        (errors.UnsupportedMediaType(), 400, "invalid JSON body"),
        (errors.InsufficientScope(), 403, "insufficient permissions"),
        (errors.CSRFFailed(), 403, "csrf failed"),
        (errors.OriginNotAllowed(), 403, "origin not allowed"),
        (errors.MethodNotAllowed(), 405, "method not allowed"),
        (errors.BodyTooLarge(), 413, "request body too large"),
        (errors.RateLimited(), 429, "rate limit exceeded"),
        (errors.InternalError(), 500, "internal error"),
        (errors.BridgeUnavailable(), 503, "server is at capacity"),
        (errors.Capacity(), 503, "server is at capacity"),
        (errors.ShuttingDown(), 503, "server is shutting down"),
        (errors.Unauthorized("missing token"), 401, "missing token"),
        (errors.Conflict("room is not active"), 409, "room is not active"),
    ],
)
def test_an_error_is_one_text_and_a_status(error, status, text):
    assert envelope(error) == ({"error": text}, status)


def test_of_several_bad_fields_the_first_is_named():
    fields = {"display_name": ["is required"], "role": ["must be one of: host, participant"]}

    assert envelope(errors.InvalidRequest(fields=fields)) == (
        {"error": "display_name is required"},
        400,
    )
