"""Lists in pages, through the front door."""

import pytest


@pytest.fixture
def three(agent, live):
    made = [agent.post("/api/call", json={"platform": "room"}).json for _ in range(3)]
    return [call["call_id"] for call in reversed(made)]


def test_a_list_tells_its_total_and_the_page_it_is(agent, three):
    reply = agent.get("/api/calls").json

    assert [call["call_id"] for call in reply["calls"]] == three
    assert (reply["total"], reply["limit"], reply["offset"]) == (3, 50, 0)


def test_pages_follow_each_other(agent, three):
    pages = [agent.get(f"/api/calls?limit=2&offset={offset}").json for offset in (0, 2, 4)]

    found = [[call["call_id"] for call in page["calls"]] for page in pages]
    assert found == [three[:2], three[2:], []]
    assert [page["total"] for page in pages] == [3, 3, 3]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=", "offset=-1", "offset=99999999999999999999"]
)
def test_a_page_that_cannot_be_is_refused(agent, query):
    reply = agent.get(f"/api/calls?{query}")

    assert (reply.status_code, reply.json["error"]["code"]) == (400, "invalid_request")
