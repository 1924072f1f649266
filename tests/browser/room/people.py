"""The two sides of a room: a guest at the page in a browser, and others on plain sockets."""

import json
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.product import Product

RATE = 48_000
FRAME = RATE // 50
OWN, AGENTS = 440.0, 880.0  # What guests and agents say, in Hz.

# Listens to what the page plays, beside the loudspeaker.
TAP = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target === this.context.destination) {
    if (window.tap?.context !== this.context) {
      window.tap = this.context.createAnalyser();
      Object.assign(window.tap, { fftSize: 32768, smoothingTimeConstant: 0 });
    }
    connect.call(this, window.tap);
  }
  return connect.call(this, target, ...rest);
};
window.heard = (...tones) => {
  if (!window.tap) return tones.map(() => -200); // Nothing has been played yet.
  const bins = new Float32Array(tap.frequencyBinCount);
  tap.getFloatFrequencyData(bins);
  const at = (hz) => Math.round((hz * tap.fftSize) / tap.context.sampleRate);
  return tones.map((hz) => Math.max(-200, ...bins.slice(at(hz) - 4, at(hz) + 5)));
};
"""


def tone(hz: float, start: int, count: int) -> np.ndarray:
    """A tone that comes and goes like speech: noise suppression takes a steady one away."""
    at = np.arange(start, start + count)
    loud = (at % (RATE * 3 // 5)) < RATE * 2 // 5
    return (8000 * np.sin(2 * np.pi * hz * at / RATE) * loud).astype("<i2")


def write_voice(path: Path, hz: float) -> None:
    """Write three seconds of a tone; the browser plays them over and over as its microphone."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(tone(hz, 0, RATE * 3).tobytes())


def loudness(pcm: bytes, *tones: float) -> list[float]:
    """How loud each tone is in s16le of 48 kHz, in dB with one reference for all."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    if len(samples) < FRAME:
        return [-200.0] * len(tones)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) / len(samples) + 1e-9
    bins = np.fft.rfftfreq(len(samples), 1 / RATE)
    return [float(20 * np.log10(spectrum[np.abs(bins - hz) < 4].max())) for hz in tones]


class Speaker:
    """Somebody on a plain socket: keeps what comes, and says a tone when asked to."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket.__enter__()  # `leave` is the end of this block.
        self.messages: list[dict[str, Any]] = []
        self.frames: list[bytes] = []
        self._talking = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, message: dict[str, Any]) -> None:
        self.socket.send(json.dumps(message))

    def say(self, hz: float) -> None:
        """Say a tone from now on, in real time."""
        self._talking = True
        threading.Thread(target=self._talk, args=(hz,), daemon=True).start()

    def hears(self, *tones: float) -> list[float]:
        """How loud the tones were within the last second."""
        return loudness(b"".join(self.frames[-50:]), *tones)

    def leave(self) -> None:
        self._talking = False
        self.socket.close()
        self._reader.join()

    def _read(self) -> None:
        try:
            for message in self.socket:
                if isinstance(message, bytes):
                    self.frames.append(message)
                else:
                    self.messages.append(json.loads(message))
        except ConnectionClosed:
            return

    def _talk(self, hz: float) -> None:
        begun, sent = time.monotonic(), 0
        while self._talking:
            try:
                self.socket.send(tone(hz, sent, FRAME).tobytes())
            except ConnectionClosed:
                return
            sent += FRAME
            time.sleep(max(0.0, begun + sent / RATE - time.monotonic()))


def place_call(product: Product) -> dict[str, Any]:
    """Place an agent's call into a new room of our own."""
    with product.client() as client:
        reply = client.post("/api/call", json={"platform": "room", "agent_name": "Echo agent"})
    assert reply.status_code == 201, reply.text
    call: dict[str, Any] = reply.json()
    return call


def agent_of(product: Product, call: dict[str, Any]) -> Speaker:
    """The call's agent on its stream, hearing the room."""
    key = {"X-API-Key": product.api_key}
    agent = Speaker(connect(call["text_ws_url"], additional_headers=key))
    agent.send({"type": "audio_config", "receive": True})
    return agent


def take_seat(product: Product, link: str, name: str) -> httpx.Response:
    """Come by a guest link as a new guest, up to the seat."""
    with httpx.Client(base_url=f"{product.url}/api/v1") as client:
        body = {"join_token": link.rpartition("/")[2]}
        given = client.post("/public/join-token/exchange", json=body).json()
        client.headers["Authorization"] = f"Bearer {given['access_token']}"
        path = f"/rooms/{given['room_id']}/participants"
        return client.post(path, json={"display_name": name})


def sit_down(joined: dict[str, Any]) -> Speaker:
    """Open the socket of a seat."""
    protocols = [Subprotocol("chalk"), Subprotocol(f"token.{joined['access_token']}")]
    return Speaker(connect(joined["ws_url"], subprotocols=protocols))


class Page:
    """A guest at the page; what is looked for is waited for."""

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser

    def open(self, link: str) -> None:
        self.browser.get(link)
        self.browser.execute_script("sessionStorage.clear(); localStorage.clear()")
        self.browser.refresh()

    def join(self, name: str) -> None:
        self.find("name").send_keys(name, Keys.ENTER)
        self.wait_for("state", "Connected")

    def find(self, id: str) -> WebElement:
        """The element of that id, once it can be seen."""

        def look() -> WebElement | None:
            found = self.browser.find_element(By.ID, id)
            return found if found.is_displayed() else None

        element: WebElement = self.until(look, f"There is no #{id} to be seen.")
        return element

    def click(self, id: str) -> None:
        self.find(id).click()

    def press(self, keys: str) -> None:
        self.browser.switch_to.active_element.send_keys(keys)

    def wait_for(self, id: str, text: str) -> None:
        self.until(lambda: text in self.text(id), f"#{id} never says {text!r}.")

    def text(self, id: str) -> str:
        """What an element says, seen or not."""
        return self.browser.find_element(By.ID, id).get_attribute("textContent") or ""

    def shows(self, id: str) -> bool:
        return self.browser.find_element(By.ID, id).is_displayed()

    def tiles(self) -> dict[str, str]:
        """What each person's tile says, by name."""
        script = """
            return [...document.querySelectorAll("#people .tile")].map((tile) => [
              tile.querySelector('[data-part="name"]').textContent, tile.innerText]);
        """
        return {name: " ".join(text.split()) for name, text in self.browser.execute_script(script)}

    def lines(self) -> list[str]:
        """The chat's lines."""
        script = """
            return [...document.querySelectorAll('#lines [data-part="text"]')]
              .map((line) => line.textContent);
        """
        found: list[str] = self.browser.execute_script(script)
        return found

    def speaking(self, name: str) -> bool:
        """Whether somebody's ring is open at this moment."""
        script = """
            return [...document.querySelectorAll("#people .tile.speaking")].some((tile) =>
              tile.querySelector('[data-part="name"]').textContent === arguments[0]);
        """
        return bool(self.browser.execute_script(script, name))

    def hears(self, *tones: float) -> list[float]:
        """How loud the tones are in what the page plays now, in dB."""
        found: list[float] = self.browser.execute_script("return heard(...arguments)", *tones)
        return found

    def until(self, happened: Callable[[], Any], message: str = "It did not happen.") -> Any:
        return WebDriverWait(self.browser, 20, 0.05).until(lambda _: happened(), message)
