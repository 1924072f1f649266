"""Ours: the whole product on one core, its rooms made through its own API."""

import json
from collections.abc import Iterable

from bench import machine, processes, rest_client
from bench.plans import STALL, Client, Plan
from bench.servers.base import Server
from bench.servers.product import KEY, Product

HEADER = f"X-API-Key: {KEY}"
AGENT_HELLO = json.dumps({"type": "audio_config", "receive": True})
AGENT_READY = '"ready":true'
GUEST_HELLO = json.dumps({"event": "audio.start", "data": {"sample_rate": 48000, "receive": True}})
GUEST_READY = "audio.started"


class Patchbay(Server):
    name = "patchbay"
    title = "**Patchbay**"
    guess = {2: 10.0, 10: 13.0}

    def start(self) -> None:
        """Start every process of the product; placing the calls may use both cores."""
        self._product = Product(cpus=[machine.SERVER_CPU, machine.LOAD_CPU])

    def stop(self) -> None:
        """End them all."""
        self._product.stop()

    def processes(self) -> dict[str, list[int]]:
        """Return the engine, which carries the audio, and all the rest."""
        engine = self._product.pids("app.live.engine")
        rest = [pid for pid in self._product.pids() if pid not in engine]
        return {"engine": engine, "rest": rest}

    def plan(self, seats: Iterable[tuple[int, str]]) -> Plan:
        """Place an agent's call for every client, and a guest's seat for every stalled microphone.

        The clients of one room number meet in one room; the first call of each makes it.
        From here on the product has the server's core alone.
        """
        taken = list(seats)
        calls = [i for i, (_, role) in enumerate(taken) if role != STALL]
        makers = {taken[i][0]: i for i in reversed(calls)}
        placed = dict(zip(makers.values(), self._place([""] * len(makers)), strict=True))
        rooms = {room: placed[i]["room_id"] for room, i in makers.items()}
        joining = [i for i in calls if i not in placed]
        joined = self._place([rooms[taken[i][0]] for i in joining])
        placed |= dict(zip(joining, joined, strict=True))
        clients = (
            _agent(room, role, placed[i]["call_id"])
            if i in placed
            else _guest(room, role, self._seat(placed[makers[room]]))
            for i, (room, role) in enumerate(taken)
        )
        plan = Plan(self._product.port, tuple(clients))
        for pid in self._product.pids():
            processes.pin(pid, machine.SERVER_CPU)
        return plan

    def _place(self, meeting_urls: list[str]) -> list[dict]:
        bodies = (
            json.dumps({"platform": "room", "meeting_url": url}).encode() for url in meeting_urls
        )
        requests = [rest_client.post("/api/call", HEADER, body) for body in bodies]
        return rest_client.ask_all(self._product.port, requests)

    def _seat(self, call: dict) -> str:
        """Enter a call's room by its guest link, as the browser page does; return the token."""
        link = {"join_token": call["join_url"].rpartition("/")[2]}
        guest = self._ask("/api/v1/public/join-token/exchange", link, None)
        path = f"/api/v1/rooms/{call['room_id']}/participants"
        return self._ask(path, {"display_name": "Guest"}, guest["access_token"])["access_token"]

    def _ask(self, path: str, body: dict, token: str | None) -> dict:
        header = f"Authorization: Bearer {token}" if token else None
        request = rest_client.post(path, header, json.dumps(body).encode())
        return rest_client.ask_all(self._product.port, [request])[0]


def _agent(room: int, role: str, call_id: str) -> Client:
    path = f"/api/call/{call_id}/stream"
    return Client(path, room, role, (HEADER,), AGENT_HELLO, AGENT_READY)


def _guest(room: int, role: str, token: str) -> Client:
    header = (f"Authorization: Bearer {token}",)
    return Client("/api/v1/ws", room, role, header, GUEST_HELLO, GUEST_READY)
