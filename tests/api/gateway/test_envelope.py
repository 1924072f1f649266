"""How errors look in the gateway dialect; a golden file holds every code and status."""

import json
from pathlib import Path

import pytest

from app import errors
from app.api.gateway.envelope import envelope

GOLDEN = json.loads((Path(__file__).parent / "golden" / "errors.json").read_text())
NAMES = sorted(name for name in errors.__all__ if name != "Fields")


@pytest.mark.parametrize("name", NAMES)
def test_each_error_is_worded_as_the_golden_file_says(name):
    error = getattr(errors, name)()

    assert {"status": error.status, "body": envelope(error)} == GOLDEN[name]


def test_the_golden_file_holds_no_error_that_is_gone():
    assert sorted(GOLDEN) == NAMES


def test_fields_come_with_the_error_only_when_there_are_any():
    error = errors.InvalidRequest(fields={"text": ["Too short."]})

    assert envelope(error)["error"]["fields"] == {"text": ["Too short."]}
    assert "fields" not in envelope(errors.InvalidRequest())["error"]
