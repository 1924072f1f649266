"""Request bodies and queries, through the front door."""

import json

import pytest


def post(agent, body, content_type="application/json"):
    return agent.post("/api/keys", data=body, content_type=content_type)


@pytest.mark.parametrize("body", ["{", "nonsense", "{'name': 1}", '{"name": NaN}', "[" * 9000])
def test_a_body_that_is_not_json_is_refused(agent, body):
    reply = post(agent, body)

    assert (reply.status_code, reply.json["error"]["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"name": "\xff"}'])
def test_a_body_that_is_not_utf_8_is_refused(agent, body):
    assert post(agent, body).json["error"]["code"] == "invalid_json"


@pytest.mark.parametrize("body", ["[]", "1", '"text"', "null", "true"])
def test_json_that_is_no_object_is_refused(agent, body):
    reply = post(agent, body)

    assert (reply.status_code, reply.json["error"]["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(agent, kind):
    reply = post(agent, '{"name": "x"}', kind)

    assert (reply.status_code, reply.json["error"]["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.x+json"])
def test_every_kind_of_json_is_taken(agent, kind):
    assert post(agent, '{"name": "x"}', kind).status_code == 201


def test_a_missing_body_equals_an_empty_object(agent, live):
    reply = agent.post("/api/keys")

    assert reply.json["error"]["fields"] == {"name": ["Missing data for required field."]}


def test_unknown_fields_are_ignored(agent):
    assert post(agent, '{"name": "x", "colour": "red"}').status_code == 201


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\udc00x"])
def test_text_that_no_database_can_store_is_refused(agent, text):
    reply = post(agent, json.dumps({"name": text}))

    assert (reply.status_code, reply.json["error"]["code"]) == (400, "invalid_request")


def test_text_nested_in_objects_and_lists_is_looked_at_as_well(agent, live):
    order = {"platform": "room", "metadata": {"a\0": "b"}}

    assert agent.post("/api/call", json=order).status_code == 400


def test_an_emoji_written_as_a_pair_of_escapes_is_text(agent):
    reply = post(agent, '{"name": "\\ud83d\\ude00"}')

    assert reply.json["name"] == "\U0001f600"


def test_a_body_over_one_mebibyte_is_refused(agent):
    reply = post(agent, json.dumps({"name": "x" * (1 << 20)}))

    assert (reply.status_code, reply.json["error"]["code"]) == (413, "body_too_large")


def test_a_query_of_the_wrong_type_is_refused_with_its_name(agent):
    reply = agent.get("/api/calls?limit=many")

    assert reply.json["error"]["fields"] == {"limit": ["Not a valid integer."]}


def test_replies_keep_the_order_of_their_fields(agent, live):
    reply = agent.post("/api/call", json={"platform": "room"})

    assert reply.text.startswith('{"call_id":')
