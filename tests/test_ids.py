"""Row ids: UUIDv7 inside, prefixed Crockford base 32 outside."""

import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import ids


def test_a_new_id_is_a_uuid_of_version_7_that_holds_the_time():
    before = time.time_ns() // 1_000_000
    key = ids.new()
    after = time.time_ns() // 1_000_000

    assert (key.version, key.variant) == (7, uuid.RFC_4122)
    assert before <= key.int >> 80 <= after


def test_new_ids_differ_and_sort_as_they_were_made():
    made = [ids.new() for _ in range(1000)]

    assert len(set(made)) == 1000
    assert made == sorted(made)


def test_the_random_part_is_random_in_every_bit():
    made = [ids.new().int & (1 << 62) - 1 for _ in range(200)]

    for bit in range(62):
        assert 0 < sum(key >> bit & 1 for key in made) < 200


@given(st.uuids())
def test_every_id_is_read_back_as_it_was_written(key):
    text = ids.public("call", key)

    assert len(text) == len("call_") + 26
    assert ids.parse("call", text) == key


@given(st.uuids(), st.uuids())
def test_public_ids_sort_like_their_keys(one, two):
    assert (ids.public("c", one) < ids.public("c", two)) == (one < two)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "call",
        "call_",
        "call_" + "0" * 25,
        "call_" + "0" * 27,
        "call_" + "U" * 26,
        "call_" + "a" * 26,
        "call_" + "Z" * 26,
        "key_" + "0" * 26,
        "call_" + "\u0660" * 26,
    ],
)
def test_anything_else_is_no_id(text):
    assert ids.parse("call", text) is None


@pytest.mark.parametrize("text", ["", "x" * 36, "{0198c0de-0000-7000-8000-00000000000}"])
def test_anything_else_is_no_uuid(text):
    assert ids.parse_uuid(text) is None


def test_a_uuid_is_read_in_its_usual_form_alone():
    key = ids.new()

    assert ids.parse_uuid(str(key)) == key
    assert ids.parse_uuid(key.hex) is None
