"""Reading forms."""

import pytest
from flask import Flask

from app.dashboard import forms
from app.errors import InvalidRequest


def test_text_is_trimmed(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"name": "  Ada "}):
        assert forms.text("name", 10) == "Ada"
        assert forms.text("other", 10, least=0) == ""


@pytest.mark.parametrize(
    ("value", "message"),
    [(" ", "A name is needed."), ("x" * 11, "A name may have at most 10 characters.")],
)
def test_text_of_a_wrong_length_says_so(app: Flask, value: str, message: str) -> None:
    with (
        app.test_request_context("/", method="POST", data={"name": value}),
        pytest.raises(InvalidRequest) as refused,
    ):
        forms.text("name", 10, label="A name")

    assert refused.value.fields == {"name": [message]}


def test_a_name_must_be_repeated_exactly(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"confirm": " Old key "}):
        forms.named("Old key")
        with pytest.raises(InvalidRequest):
            forms.named("old key")


@pytest.mark.parametrize(
    ("accept", "script"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("*/*", False),
        ("", False),
        ("application/json", True),
        ("application/json, text/html;q=0.9", True),
    ],
)
def test_scripts_are_told_from_people(app: Flask, accept: str, script: bool) -> None:
    with app.test_request_context("/", headers={"Accept": accept}):
        assert forms.wants_json() is script
