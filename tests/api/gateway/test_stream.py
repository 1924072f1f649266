"""Opening the stream of a call: who may, what they are refused with, and who takes it over."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import ids, websocket
from app.extensions import db, transaction
from app.models import Call, Event
from app.services import calls, placement, users
from tests.api.upgrades import Caller, live_at, taking_sockets
from tests.fakes import Account, FakeLive
from tests.live.fakes import Stage


@pytest.fixture
def call(agent: FlaskClient, live: FakeLive) -> dict[str, Any]:
    return agent.post("/api/call", json={"platform": "room"}).json


@pytest.fixture
def path(call: dict[str, Any]) -> str:
    return f"/api/call/{call['call_id']}/stream"


@pytest.fixture
def end(app: Flask, call: dict[str, Any]) -> Callable[[], None]:
    def hang_up() -> None:
        with app.app_context():
            calls.hang_up(db.session.get(Call, ids.parse("call", call["call_id"])))

    return hang_up


@pytest.fixture
def stage(app: Flask, caller: Caller, tmp_path: Path) -> Iterator[Stage]:
    """An engine of this host that calls are given to."""
    found = Stage(tmp_path)
    with app.app_context():
        placement.register(live_at(found, app.config["SETTINGS"].host_name), [])
    yield found
    with app.app_context():
        placement.unregister("engine")
    caller.close()
    found.close()


def refused(caller: Caller, client: FlaskClient, path: str, **more: Any) -> tuple[str, int]:
    """The code of the last message, and that of the close frame."""
    message, close = caller.open(client, path, **more).take()
    assert message["type"] == "call_error"
    assert set(message) == {"type", "code", "message", "retryable", "ref"}
    assert close.reason == message["code"]
    return message["code"], close.code


def test_a_key_that_is_wrong_or_missing_is_refused_after_the_upgrade(
    client: FlaskClient, caller: Caller, path: str
) -> None:
    assert refused(caller, client, path) == ("unauthorized", 4401)
    assert refused(caller, client, path, X_API_Key="chmd_wrong") == ("unauthorized", 4401)
    assert refused(caller, client, f"{path}?api_key=chmd_wrong") == ("unauthorized", 4401)


def test_two_different_keys_are_refused(
    agent: FlaskClient, other: Account, caller: Caller, path: str
) -> None:
    assert refused(caller, agent, f"{path}?api_key={other.key}") == ("unauthorized", 4401)


def test_a_key_that_may_not_read_calls_is_refused(
    make_account: Callable[..., Account], tenant: Account, caller: Caller, path: str
) -> None:
    writer = make_account(tenant.id, scopes=["calls:write"])

    assert refused(caller, writer.agent, path) == ("insufficient_scope", 4403)


def test_a_call_that_is_unknown_or_somebody_elses_is_not_found(
    agent: FlaskClient, other: Account, caller: Caller, path: str
) -> None:
    nowhere = ("call_not_found", 4404)

    assert refused(caller, other.agent, path) == nowhere
    assert refused(caller, agent, "/api/call/call_nonsense/stream") == nowhere


@pytest.mark.parametrize("last_seq", ["", "x", "-1", "1.5", "²", "9" * 19])
def test_a_last_seq_that_is_no_number_is_refused(
    agent: FlaskClient, caller: Caller, path: str, last_seq: str
) -> None:
    assert refused(caller, agent, f"{path}?last_seq={last_seq}") == ("invalid_request", 4400)


def test_an_ended_call_opens_only_for_its_replay(
    agent: FlaskClient, caller: Caller, path: str, end: Callable[[], None]
) -> None:
    end()

    assert refused(caller, agent, path) == ("call_ended", 4409)


def test_the_replay_of_an_ended_call_goes_to_its_end_and_closes_with_1000(
    agent: FlaskClient, caller: Caller, path: str, end: Callable[[], None]
) -> None:
    end()

    hello, *told, close = caller.open(agent, f"{path}?last_seq=0").take()

    assert (hello["type"], hello["state"]) == ("hello", "ended")
    assert hello["last_seq"] >= told[-1]["seq"]
    assert [m["state"] for m in told if m["type"] == "call_state"] == ["connecting", "ended"]
    assert [m["seq"] for m in told] == sorted({m["seq"] for m in told})
    assert close == websocket.Close(1000, "call_ended")


def test_a_replay_whose_beginning_is_no_longer_kept_says_so(
    app: Flask, agent: FlaskClient, tenant: Account, caller: Caller, path: str, end: Any
) -> None:
    end()
    with app.app_context(), transaction():
        db.session.query(Event).filter_by(tenant_id=tenant.id, seq=1).delete()

    _hello, gap, *_ = caller.open(agent, f"{path}?last_seq=0").take()

    assert gap == {"type": "gap", "after_seq": 0, "first_seq": 2}


def test_without_any_live_process_the_stream_is_unavailable(
    agent: FlaskClient, caller: Caller, path: str, live: FakeLive
) -> None:
    live.leave()

    assert refused(caller, agent, path) == ("bridge_unavailable", 4503)


def test_an_engine_that_does_not_answer_means_that_it_shuts_down(
    agent: FlaskClient, caller: Caller, path: str, configure: Callable[..., None]
) -> None:
    configure(live_host="here")

    assert refused(caller, agent, path) == ("shutting_down", 4503)


@pytest.mark.parametrize("way", ["header", "bearer", "query"])
def test_the_socket_goes_to_the_calls_engine_with_all_it_must_know(
    app: Flask, tenant: Account, caller: Caller, stage: Stage, way: str
) -> None:
    call = tenant.agent.post("/api/call", json={"platform": "room"}).json
    path = f"/api/call/{call['call_id']}/stream?last_seq=7&partials=1"
    path += f"&api_key={tenant.key}" if way == "query" else ""
    ways = {
        "header": {"X_API_Key": tenant.key},
        "bearer": {"Authorization": f"Bearer {tenant.key}"},
    }

    with taking_sockets(stage):
        client = caller.open(app.test_client(), path, **ways.get(way, {}))
    (session,) = stage.engine.waiting.values()
    stage.welcome()

    header = session.header
    assert header["options"]["call_id"] == call["call_id"]
    assert header["options"]["stream_id"] == header["stream_id"]
    assert header["options"]["partials"] is True
    assert header["participant_id"] == call["participant_id"]
    assert header["room_id"] == call["room_id"]
    assert (header["last_seq"], header["key_id"]) == (7, str(tenant.key_id))
    assert header["may_write"] is True
    assert client.words()[0]["stream_id"] == header["stream_id"]


def test_a_read_only_key_is_handed_over_as_such(
    make_account: Callable[..., Account], caller: Caller, stage: Stage
) -> None:
    owner = make_account()
    reader = make_account(owner.id, scopes=["calls:read"])
    call = owner.agent.post("/api/call", json={"platform": "room"}).json

    with taking_sockets(stage):
        caller.open(reader.agent, f"/api/call/{call['call_id']}/stream")
    (session,) = stage.engine.waiting.values()

    assert session.may_write is False


def test_a_person_opens_a_stream_only_from_our_own_pages(
    app: Flask, make_account: Callable[..., Account], caller: Caller, stage: Stage
) -> None:
    browser = app.test_client()
    with app.app_context():
        user = users.sign_up("somebody@example.com", "a good long password")
        user_id, tenant_id = str(user.id), user.tenant_id
    call = make_account(tenant_id).agent.post("/api/call", json={"platform": "room"}).json
    path = f"/api/call/{call['call_id']}/stream"
    with browser.session_transaction() as cookie:
        cookie.update(user=user_id, epoch=0)

    foreign = refused(caller, browser, path, Origin="https://evil.example")
    absent = refused(caller, browser, path)
    with taking_sockets(stage):
        caller.open(browser, path, Origin=app.config["SETTINGS"].base)
    (session,) = stage.engine.waiting.values()

    assert foreign == absent == ("origin_not_allowed", 4403)
    assert session.key_id is None
    assert session.may_write is True
