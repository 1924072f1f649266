"""The demo agent: its ear and its manners, and once the whole of it."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import websockets.sync.client
from numpy.typing import NDArray

from tests.product import Product
from tests.waiting import until

FILE = Path(__file__).parents[2] / "examples" / "echo_agent.py"
RATE = 48_000
SILENCE = bytes(1920)
SPEECH = np.full(960, 3000, np.int16).tobytes()


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("PATCHBAY_KEY", "chmd_anything")
    spec = importlib.util.spec_from_file_location("echo_agent", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def echo(agent: ModuleType) -> Any:
    return agent.Echo()


def hear(echo: Any, frames: list[bytes]) -> list[Any]:
    return [answer for frame in frames for answer in echo.hear(frame)]


def test_it_is_short() -> None:
    assert len(FILE.read_text().splitlines()) < 80


def test_it_says_nothing_into_silence(echo: Any) -> None:
    assert hear(echo, [SILENCE] * 500) == []


def test_it_repeats_a_turn_after_the_pause_with_a_little_of_what_was_before(
    agent: ModuleType, echo: Any
) -> None:
    said = hear(echo, [SILENCE] * 100 + [SPEECH] * 50 + [SILENCE] * agent.PAUSE)

    assert said.count(SPEECH) == 50
    assert said[:11] == [SILENCE] * 10 + [SPEECH]
    assert json.loads(said[-1])["type"] == "mark"


def test_a_short_pause_does_not_end_a_turn(agent: ModuleType, echo: Any) -> None:
    assert hear(echo, [SPEECH] * 5 + [SILENCE] * (agent.PAUSE - 1) + [SPEECH]) == []


def test_an_endless_turn_is_repeated_in_parts(agent: ModuleType, echo: Any) -> None:
    said = hear(echo, [SPEECH] * agent.LONGEST)

    assert len(said) == agent.LONGEST + 1


def test_it_stops_when_somebody_talks_over_it(agent: ModuleType, echo: Any) -> None:
    hear(echo, [SPEECH] * 5 + [SILENCE] * agent.PAUSE)

    assert hear(echo, [SPEECH, SPEECH]) == ['{"type": "clear"}']


def test_it_stops_nothing_once_all_was_played(agent: ModuleType, echo: Any) -> None:
    hear(echo, [SPEECH] * 5 + [SILENCE] * agent.PAUSE)
    list(echo.read({"type": "mark_played", "name": "said"}))

    assert hear(echo, [SPEECH]) == []


def test_it_greets_guests_and_no_agents(echo: Any) -> None:
    guest = {"type": "participant_joined", "role": "guest", "name": "Ada"}

    assert "Hello Ada!" in next(echo.read(guest))
    assert list(echo.read(guest | {"role": "agent"})) == []


def test_it_remembers_where_it_was_and_when_it_is_over(echo: Any) -> None:
    list(echo.read({"type": "call_state", "state": "ended", "seq": 7}))

    assert (echo.last_seq, echo.ended) == (7, True)


def test_a_person_in_the_room_hears_the_echo_and_hanging_up_ends_the_call(
    product: Product,
) -> None:
    environment = os.environ | {"PATCHBAY_URL": product.url, "PATCHBAY_KEY": product.api_key}
    agent = subprocess.Popen(
        [sys.executable, "-u", str(FILE)], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert agent.stdout is not None
        agent.stdout.readline()
        heard = _talk_and_listen(product, agent.stdout.readline().strip())
    finally:
        agent.send_signal(signal.SIGINT)
        agent.communicate(timeout=10)

    assert agent.returncode == 0
    assert _pitch(heard) == pytest.approx(440, abs=2)
    with product.client() as client:
        until(lambda: _state_of_echo(client) == "ended")


def _talk_and_listen(product: Product, link: str) -> NDArray[np.int16]:
    """Say a second of 440 Hz in the room; returns the half second that then comes back."""
    with product.client() as client:
        order = {"platform": "room", "meeting_url": link, "agent_name": "Guest"}
        call = client.post("/api/call", json=order).json()
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.int16)
    found: list[NDArray[np.int16]] = []
    with websockets.sync.client.connect(
        call["text_ws_url"], additional_headers={"X-API-Key": product.api_key}
    ) as stream:
        stream.send('{"type": "audio_config", "receive": true}')
        until(lambda: '"ready":true' in str(stream.recv(timeout=10)))
        stream.send(tone.tobytes())
        while len(found) < 25:
            message = stream.recv(timeout=10)
            if (
                isinstance(message, bytes)
                and np.abs(frame := np.frombuffer(message, np.int16)).max(initial=0) > 4000
            ):
                found.append(frame)
    with product.client() as client:
        client.delete(f"/api/call/{call['call_id']}")
    return np.concatenate(found)


def _pitch(samples: NDArray[np.int16]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE / len(samples))


def _state_of_echo(client: Any) -> str:
    found = client.get("/api/calls", params={"state": "all"}).json()["calls"]
    return str(next(call["state"] for call in found if call["agent_name"] == "Echo"))
