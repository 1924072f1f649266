"""Calls: the list and one call's page."""

import time
from collections.abc import Callable

import pytest
from flask import Flask

from app import ids
from app.dashboard import calls as page_module
from app.models import Call, Participant
from app.services import calls, chat, utterances
from tests.dashboard.conftest import Person

SCRIPT = {"Accept": "application/json"}


def path(call: Call, *rest: str) -> str:
    return "/".join(["/dashboard/calls", ids.public("call", call.id), *rest])


def test_an_empty_list_teaches(person: Person) -> None:
    page = person.get("/dashboard/calls").text

    assert "No calls yet" in page
    assert "/api/call" in page


def test_calls_are_listed_with_their_state(person: Person, call: Call) -> None:
    page = person.get("/dashboard/calls").text

    assert "Minutes" in page
    assert '<span class="badge good">Active</span>' in page
    assert ids.public("call", call.id) in page


def test_the_list_can_be_filtered(app: Flask, person: Person, call: Call) -> None:
    with app.app_context():
        over = calls.place(person.tenant_id, calls.Order("room", agent_name="Gone"))
        calls.hang_up(over)

    live, ended = (
        person.get(f"/dashboard/calls?state={state}").text for state in ("live", "ended")
    )

    assert "Minutes" in live
    assert "Gone" not in live
    assert "Gone" in ended
    assert "Minutes" not in ended


@pytest.mark.parametrize("query", ["state=nonsense", "page=-3", "page=x", "page=99999999999"])
def test_nonsense_in_the_address_does_no_harm(person: Person, call: Call, query: str) -> None:
    assert person.get(f"/dashboard/calls?{query}").status_code == 200


def test_the_timeline_tells_what_happened(
    app: Flask, person: Person, call: Call, enter: Callable[[Call, str], Participant]
) -> None:
    guest = enter(call, "Grace <b>Hopper</b>")
    with app.app_context():
        chat.send(guest, "Can everybody hear me?")
        utterances.add(call, text="A moth.", start=1, end=2, speaker="Grace")

    page = person.get(path(call)).text

    order = [page.index(text) for text in ("Call placed", "Connected", "Can everybody", "A moth.")]
    assert order == sorted(order)
    assert "Grace &lt;b&gt;Hopper&lt;/b&gt;" in page
    assert "<b>Hopper" not in page


def test_what_the_room_saw_before_the_call_is_not_the_calls(
    app: Flask, person: Person, call: Call, enter: Callable[[Call, str], Participant]
) -> None:
    guest = enter(call, "Grace")
    with app.app_context():
        chat.send(guest, "Before")
        order = calls.Order("room", str(call.room_id), agent_name="Second")
        time.sleep(0.002)  # Events are told apart by the millisecond.
        second = calls.place(person.tenant_id, order)
        chat.send(guest, "After")

    page = person.get(path(second)).text

    assert "After" in page
    assert "Before" not in page


def test_saying_is_off_and_says_why(person: Person, call: Call) -> None:
    page = person.get(path(call)).text

    assert "Needs a text-to-speech voice" in page
    assert 'aria-disabled="true"' in page


def test_chat_goes_out_in_the_agents_name(person: Person, call: Call) -> None:
    reply = person.post(path(call, "chat"), text="I am taking the minutes.")

    assert reply.status_code == 303
    assert "I am taking the minutes." in person.get(path(call)).text


def test_a_script_gets_a_short_answer(person: Person, call: Call) -> None:
    sent = person.post(path(call, "chat"), text="Hello", headers=SCRIPT)
    empty = person.post(path(call, "chat"), text=" ", headers=SCRIPT)

    assert (sent.status_code, sent.text) == (204, "")
    assert empty.status_code == 400
    assert empty.json == {
        "error": {
            "code": "invalid_request",
            "message": "The request is not valid.",
            "fields": {"text": ["A message is needed."]},
        }
    }


def test_an_empty_message_shows_the_page_again(person: Person, call: Call) -> None:
    page = person.post(path(call, "chat"), text="")

    assert page.status_code == 400
    assert "A message is needed." in page.text


def test_hanging_up_asks_first_and_ends_the_call(person: Person, call: Call) -> None:
    asked = person.get(path(call, "hang-up"))
    done = person.post(path(call, "hang-up"))

    assert "Hang up for Minutes?" in asked.text
    assert done.location == path(call)
    page = person.get(path(call)).text
    assert "Hung up" in page
    assert "data-follow" not in page
    assert "chat-form" not in page


def test_a_call_that_is_over_takes_no_chat(person: Person, call: Call) -> None:
    person.post(path(call, "hang-up"))

    assert person.post(path(call, "chat"), text="Late").status_code == 409


def test_hanging_up_in_a_dialog_tells_where_to_go(person: Person, call: Call) -> None:
    reply = person.post(path(call, "hang-up"), headers=SCRIPT)

    assert reply.json == {"next": path(call)}


def test_a_long_timeline_comes_in_parts(
    app: Flask, person: Person, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "_ENTRIES", 3)
    with app.app_context():
        agent = calls.agent(calls.get(call.tenant_id, call.id))
        for number in range(6):
            chat.send(agent, f"Line {number}")

    newest = person.get(path(call)).text
    earlier = newest.partition("?before=")[2].partition('"')[0]
    older = person.get(path(call) + f"?before={earlier}").text

    assert "Line 5" in newest
    assert "Line 2" not in newest
    assert "Line 2" in older
    assert "Line 5" not in older
    assert "data-follow" not in older


def test_calls_of_others_are_not_there(stranger: Person, call: Call) -> None:
    assert stranger.get(path(call)).status_code == 404
    assert stranger.get(path(call, "events")).status_code == 404
    assert stranger.post(path(call, "hang-up")).status_code == 404
    assert stranger.post(path(call, "chat"), text="Hi").status_code == 404
    assert stranger.get("/dashboard/calls/call_nonsense").status_code == 404
