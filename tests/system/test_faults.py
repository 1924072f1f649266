"""Faults on the running product: killed processes, lost Redis, clients that vanish."""

import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import pytest

from tests import product as products
from tests.product import Product
from tests.system.callers import (
    RATE,
    Agent,
    Guest,
    Stream,
    chat,
    everybody,
    hang_up,
    hang_up_all,
    owner,
    place,
    process,
    status,
    unbroken_sound,
)
from tests.waiting import until

# Short, so that who is gone is soon taken for it.
SOON = {"LEASE_TTL": "3", "AWAY_TIMEOUT": "2"}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product with two live processes and two web workers, for whatever shall befall it."""
    with products.running(tmp_path_factory.mktemp("faults"), **SOON) as found:
        yield found


@pytest.fixture
def product(broken: Product, request: pytest.FixtureRequest) -> Iterator[Product]:
    """The product with both its live processes; what it says is shown when a test fails."""
    said_before = len(broken.output)
    broken.wait_healthy()
    until(lambda: len(broken.pids("engine")) == 2)
    yield broken
    hang_up_all(broken)
    request.node.add_report_section("teardown", "product", "".join(broken.output[said_before:]))


@pytest.fixture(autouse=True)
def _leave() -> Iterator[None]:
    yield
    everybody.close()


def two_in_a_room(product: Product) -> tuple[Agent, Agent]:
    product.wait_healthy()  # The test before may have restarted what a call needs.
    first = Agent(product, place(product))
    return first, Agent(product, place(product, first.call))


def test_a_call_goes_on_without_a_gap_while_the_web_processes_are_killed(product: Product) -> None:
    speaker, listener = two_in_a_room(product)

    with unbroken_sound(speaker, listener):
        product.kill("web-worker")
        killed = product.kill("web")
        until(lambda: product.pids("web") != [killed])
        product.wait_healthy()
        assert status(product, speaker.call)["state"] == "active"


def test_a_call_goes_on_while_redis_restarts_and_hears_what_happened(product: Product) -> None:
    speaker, listener = two_in_a_room(product)

    with unbroken_sound(speaker, listener):
        killed = product.kill("redis")
        until(lambda: product.pids("redis") != [killed])
        product.wait_healthy()
        chat(product, speaker.call, "after the restart")
        assert listener.hear("call_chat")["text"] == "after the restart"
        assert status(product, speaker.call)["state"] == "active"
    Agent(product, listener.call).hear("hello")


def test_200_logins_during_a_call_lose_no_frame(product: Product) -> None:
    speaker, listener = two_in_a_room(product)

    form, cookies = login_form(product)

    def log_in(_number: int) -> int:
        url = f"{product.url}/login"
        return httpx.post(url, data=form, cookies=cookies, timeout=60).status_code

    listener.say("stats", ref="before")
    before = listener.hear("stats", ref="before")
    with unbroken_sound(speaker, listener, 115), ThreadPoolExecutor(4) as browsers:
        assert set(browsers.map(log_in, range(200))) == {303}
    listener.say("stats", ref="after")
    after = listener.hear("stats", ref="after")

    # A tick that is more than half a second late would have been left out.
    ticks = (after["uptime_s"] - before["uptime_s"]) * 50
    assert after["out"]["frames"] - before["out"]["frames"] == pytest.approx(ticks, abs=25)
    assert after["out"]["dropped_frames"] == 0


def login_form(product: Product) -> tuple[dict[str, str], httpx.Cookies]:
    """A filled in login form, and the cookies that go with it."""
    page = httpx.get(f"{product.url}/login")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    known = {"email": product.email, "password": product.password}
    return {**known, "csrf_token": token[1]}, page.cookies


@pytest.mark.parametrize("role", ["engine", "registrar"])
def test_calls_of_a_killed_live_process_end_with_a_reason(product: Product, role: str) -> None:
    agent, other = two_in_a_room(product)
    guest = Guest(product, agent.call)
    chat(product, agent.call, "nothing stored is lost")
    last_seq = agent.hear("participant_joined")["seq"]

    process(product, role, owner(product, agent.call)).kill()

    assert agent.hear_end() in (1001, 1006)
    assert guest.hear_end() in (1001, 1006)
    until(lambda: status(product, agent.call)["state"] == "ended")
    assert status(product, other.call)["error"]["code"] == "bridge_disconnected"
    told = Stream(product, other.call, f"?last_seq={last_seq}")
    assert told.hear("call_chat")["text"] == "nothing stored is lost"
    assert told.hear("call_error")["code"] == "bridge_disconnected"
    assert told.hear_end() == 1000
    guest.come_in(product)
    fresh = Agent(product, place(product, agent.call))
    assert fresh.hear("participant_joined", name="Ann")["snapshot"]


def test_a_killed_supervisor_takes_its_processes_with_it(product: Product) -> None:
    agent = Agent(product, place(product))
    before = [psutil.Process(pid) for pid in product.pids("engine") + product.pids("registrar")]

    product.kill("live")

    assert agent.hear_end() == 1001
    _, alive = psutil.wait_procs(before, timeout=15)
    assert alive == []
    until(lambda: status(product, agent.call)["end_reason"] == "shutdown")
    until(lambda: len(product.pids("live")) == 1 and len(product.pids("engine")) == 2)


def test_rooms_spread_over_live_processes_and_any_web_worker_takes_any_socket(
    product: Product,
) -> None:
    calls = [place(product)]
    Agent(product, calls[0])  # Its socket counts as load.
    until(lambda: place_another(product, calls) != owner(product, calls[0]))
    agents = []

    for worker in product.pids("web-worker"):
        psutil.Process(worker).suspend()
        try:
            agents += [Agent(product, call) for call in calls]
        finally:
            psutil.Process(worker).resume()

    assert len({owner(product, agent.call) for agent in agents}) == 2


def place_another(product: Product, calls: list[dict[str, Any]]) -> str:
    """Place a call beside others; returns its owner."""
    calls.append(place(product))
    return owner(product, calls[-1])


def test_a_guest_who_vanishes_has_left_after_a_grace(product: Product) -> None:
    agent = Agent(product, place(product))
    guest = Guest(product, agent.call)
    agent.hear("participant_joined", participant_id=guest.id)

    guest.socket.socket.shutdown(socket.SHUT_RDWR)

    assert agent.hear("participant_left", participant_id=guest.id)["name"] == "Ann"


def test_an_agent_who_vanishes_can_go_on_where_it_was(product: Product) -> None:
    agent, other = two_in_a_room(product)
    last_seq = agent.hear("participant_joined")["seq"]
    agent.socket.socket.shutdown(socket.SHUT_RDWR)
    chat(product, other.call, "meanwhile")

    returned = Agent(product, agent.call, f"?last_seq={last_seq}")

    assert returned.hear("call_chat")["text"] == "meanwhile"
    assert status(product, agent.call)["state"] == "active"


def test_of_two_hang_ups_at_once_the_call_ends_once(product: Product) -> None:
    agent = Agent(product, place(product))

    with ThreadPoolExecutor(2) as two:
        answers = list(two.map(lambda _: hang_up(product, agent.call), range(2)))

    assert agent.hear_end() == 1000
    assert len(agent.told("call_state", state="ended")) == 1
    assert answers == [200, 200]


def test_a_key_that_is_revoked_closes_its_streams(product: Product) -> None:
    agent = Agent(product, place(product))
    with product.client() as client:
        made = client.post("/api/keys", json={"name": "short-lived"}).json()
        visitor = Stream(product, agent.call, "", made["key"])
        client.delete(f"/api/keys/{made['id']}")

    assert visitor.hear("call_error")["code"] == "unauthorized"
    assert visitor.hear_end() == 4401


def test_a_draining_live_process_keeps_its_calls_and_takes_no_new_ones(product: Product) -> None:
    agent = Agent(product, place(product))
    draining = owner(product, agent.call)
    registrar = process(product, "registrar", draining)

    registrar.send_signal(signal.SIGUSR1)

    placed = [agent.call]
    until(lambda: place_another(product, placed) != draining)
    assert all(place_another(product, placed) != draining for _ in range(3))
    assert len(agent.hear_more(0.2)) == RATE // 5
    for call in placed:
        hang_up(product, call)
    assert agent.hear_end() == 1000
    registrar.wait(15)


def test_a_stop_says_goodbye(tmp_path_factory: pytest.TempPathFactory) -> None:
    modest = {"LIVE_PROCESSES": "1", "WEB_CONCURRENCY": "1"}
    with products.running(tmp_path_factory.mktemp("stop"), **modest) as own:
        agent = Agent(own, place(own))
        guest = Guest(own, agent.call)

        own.stop()

        assert agent.hear("goaway") == {"type": "goaway", "reason": "shutdown", "in_ms": 0}
        assert agent.hear_end() == 1001
        assert guest.hear_end() == 1001
