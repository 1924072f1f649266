"""Home."""

from collections.abc import Callable

from app.models import Call
from tests.dashboard.conftest import Person
from tests.fakes import FakeLive


def test_the_quickstart_has_the_users_own_address(
    person: Person, configure: Callable[..., None]
) -> None:
    configure(public_url="https://talk.example.org")

    page = person.get("/dashboard/").text

    assert "curl -X POST https://talk.example.org/api/call" in page
    assert "PATCHBAY_URL=https://talk.example.org" in page
    assert "python examples/echo_agent.py" in page


def test_steps_that_are_done_say_so(person: Person, call: Call) -> None:
    person.post("/dashboard/keys", name="First", access="all", expires="0")

    page = person.get("/dashboard/").text

    assert page.count('<li class="done">') == 2
    assert call.meeting_url in page
    assert "Join the room of Minutes" in page


def test_the_state_of_the_install_is_told(person: Person, call: Call, live: FakeLive) -> None:
    live.register(sockets=3, capacity=1000)

    page = person.get("/dashboard/").text

    assert "1 live process" in page
    assert "3 of 1,000 sockets in use" in page
    assert "of 20 at a time" in page


def test_an_install_without_live_processes_says_what_to_start(person: Person) -> None:
    page = person.get("/dashboard/").text

    assert "No live process" in page
    assert "python -m app.live" in page


def test_the_page_is_there_without_redis(person: Person, configure: Callable[..., None]) -> None:
    configure(redis_url="unix:///nowhere/redis.sock")

    page = person.get("/dashboard/")

    assert page.status_code == 200
    assert "Redis does not answer" in page.text
