"""Ours: the whole product on one core, its rooms made through its own API."""

import json
from collections.abc import Iterable

from bench import machine, rest_client
from bench.plans import Client, Plan
from bench.servers.base import Server
from bench.servers.product import KEY, Product

HELLO = json.dumps({"type": "audio_config", "receive": True})
READY = '"ready":true'


class Patchbay(Server):
    name = "patchbay"
    title = "**Patchbay**"
    guess = {2: 10.0, 10: 13.0}

    def start(self) -> None:
        """Start every process of the product on the server's core."""
        self._product = Product(cpu=machine.SERVER_CPU)

    def stop(self) -> None:
        """End them all."""
        self._product.stop()

    def processes(self) -> dict[str, list[int]]:
        """Return the engine, which carries the audio, and all the rest."""
        engine = self._product.pids("app.live.engine")
        rest = [pid for pid in self._product.pids() if pid not in engine]
        return {"engine": engine, "rest": rest}

    def plan(self, seats: Iterable[tuple[int, str]]) -> Plan:
        """Place a call for every client; all calls of one room number share a room."""
        taken = list(seats)
        first = {room: i for i, (room, _) in reversed(list(enumerate(taken)))}
        calls: dict[int, dict] = dict(
            zip(first.values(), self._place([""] * len(first)), strict=True)
        )
        rooms = {room: calls[i]["room_id"] for room, i in first.items()}
        late = [i for i in range(len(taken)) if i not in calls]
        joined = self._place([rooms[taken[i][0]] for i in late])
        calls |= dict(zip(late, joined, strict=True))
        header = (f"X-API-Key: {KEY}",)
        clients = (
            Client(f"/api/call/{calls[i]['call_id']}/stream", room, role, header, HELLO)
            for i, (room, role) in enumerate(taken)
        )
        return Plan(self._product.port, tuple(clients), READY)

    def _place(self, meeting_urls: list[str]) -> list[dict]:
        bodies = (
            json.dumps({"platform": "room", "meeting_url": url}).encode() for url in meeting_urls
        )
        requests = [rest_client.post("/api/call", KEY, body) for body in bodies]
        return rest_client.ask_all(self._product.port, requests)
