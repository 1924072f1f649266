"""The shapes the rooms dialect takes, and how it names what is wrong with one."""

import pytest
from marshmallow import Schema, ValidationError

from app.api.rooms.schemas import Join, Number, Text


class Sample(Schema):
    name = Text(1, 5, required=True)
    note = Text(0, 5, load_default="")
    count = Number(1, 9, load_default=3)


def wrong(**given):
    with pytest.raises(ValidationError) as caught:
        Sample().load({"name": "a", **given})
    return caught.value.messages


def test_texts_are_trimmed_and_counted_in_code_points():
    assert Sample().load({"name": " \N{GRINNING FACE}bcde\n"}) == {
        "name": "\N{GRINNING FACE}bcde",
        "note": "",
        "count": 3,
    }


def test_tabs_and_newlines_may_stand_inside_a_text():
    assert Sample().load({"name": "a\tb\nc"})["name"] == "a\tb\nc"


@pytest.mark.parametrize("name", ["", "  ", "abcdef", "a\x00", "a\x7f", 5, True, [], {}])
def test_a_bad_text_names_its_rule(name):
    assert wrong(name=name) == {"name": ["must be a string of 1-5 characters"]}


def test_null_is_as_good_as_missing():
    assert wrong(name=None) == {"name": ["is required"]}


@pytest.mark.parametrize("count", ["0", "10", "x", "1.5", ""])
def test_a_bad_number_names_its_rule(count):
    assert wrong(count=count) == {"count": ["must be an integer between 1 and 9"]}


def test_a_number_of_a_query_is_text_at_first():
    assert Sample().load({"name": "a", "count": "9"})["count"] == 9


def test_a_name_may_have_a_hundred_letters():
    assert Join().load({"display_name": "x" * 100})["display_name"] == "x" * 100
