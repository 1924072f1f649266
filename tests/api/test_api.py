"""What every answer of every API has in common."""

import re

import pytest

from app.errors import Capacity, GatewayError


@pytest.fixture
def fails(app, monkeypatch):
    """Let the account's endpoint raise something."""

    def with_error(error):
        def fail(*_):
            raise error

        monkeypatch.setattr("app.services.tenants.get", fail)

    return with_error


def test_every_answer_has_a_request_id(client, agent):
    replies = [client.get("/health"), client.get("/api/nothing"), agent.get("/api/account")]

    names = {reply.headers["X-Request-ID"] for reply in replies}
    assert len(names) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", name) for name in names)


@pytest.mark.parametrize("given", ["a", "A-b_c.9", "x" * 128])
def test_a_good_request_id_is_kept(client, given):
    reply = client.get("/api/nothing", headers={"X-Request-ID": given})

    assert reply.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "\u00e9", "a/b"])
def test_any_other_request_id_is_replaced(client, given):
    reply = client.get("/api/nothing", headers={"X-Request-ID": given})

    assert re.fullmatch(r"[0-9a-f]{32}", reply.headers["X-Request-ID"])


def test_an_unknown_path_and_a_wrong_method_are_told_apart(client):
    unknown, wrong = client.get("/api/nothing"), client.put("/api/calls")

    assert (unknown.status_code, unknown.json["error"]["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json["error"]["code"]) == (405, "method_not_allowed")
    assert wrong.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_head_is_answered_like_get(agent):
    assert agent.head("/api/account").status_code == 200


def test_patience_is_told_in_whole_seconds(agent, fails):
    fails(Capacity(retry_after=2.1))

    reply = agent.get("/api/account")

    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "3")


def test_an_unforeseen_failure_shows_nothing_but_the_id_to_find_it_by(agent, fails, caplog):
    fails(RuntimeError("the password is hunter2"))

    reply = agent.get("/api/account", headers={"X-Request-ID": "my-request"})

    assert reply.status_code == 500
    assert reply.json["error"]["code"] == "internal_error"
    assert "hunter2" not in reply.text
    record = next(each for each in caplog.records if each.exc_info)
    assert record.request_id == "my-request"


def test_an_error_without_a_name_of_its_own_is_internal(agent, fails):
    fails(GatewayError())

    assert agent.get("/api/account").json["error"]["code"] == "internal_error"
