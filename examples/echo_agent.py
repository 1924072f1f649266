"""An agent that joins a room and says back what it hears. Needs httpx and websockets.

PATCHBAY_KEY=… PATCHBAY_URL=http://127.0.0.1:8080 python echo_agent.py [room link, id or name]
"""

import array
import asyncio
import json
import os
import sys

import httpx
import websockets

URL = os.environ.get("PATCHBAY_URL", "http://127.0.0.1:8080")
KEY = {"X-API-Key": os.environ["PATCHBAY_KEY"]}
LOUD = 400  # Mean sample value above which a 20 ms frame counts as speech.
PAUSE, LONGEST = 35, 1500  # Frames of silence that end a turn, and the most that a turn may have.


class Echo:
    def __init__(self):
        self.last_seq, self.ended, self.playing, self.turn, self.quiet = 0, False, False, [], 0

    def hear(self, frame):
        """Take 20 ms of the room's sound; yield what to send."""
        loud = sum(map(abs, array.array("h", frame))) > LOUD * len(frame) // 2
        if loud and self.playing:  # Somebody talks over us, so we stop.
            self.playing = False
            yield '{"type": "clear"}'
        self.turn.append(frame)
        self.quiet = 0 if loud else self.quiet + 1
        if self.quiet == len(self.turn):  # Nobody has begun; a little is kept for the first sound.
            self.turn, self.quiet = self.turn[-10:], min(self.quiet, 10)
        elif self.quiet >= PAUSE or len(self.turn) >= LONGEST:
            yield from self.turn
            yield '{"type": "mark", "name": "said"}'
            self.turn, self.quiet, self.playing = [], 0, True

    def read(self, message):
        """Take a JSON message; yield what to send."""
        self.last_seq = message.get("seq", self.last_seq)
        match message:
            case {"type": "call_state", "state": "ended" | "refused" | "missed"}:
                self.ended = True
            case {"type": "mark_played"}:
                self.playing = False
            case {"type": "participant_joined", "role": "guest", "name": name}:
                text = f"Hello {name}! Say something, and I will say it back."
                yield json.dumps({"type": "send_chat", "text": text})


async def attend(url, echo):
    """Stay on the stream; after a broken connection go on where it broke."""
    while not echo.ended:
        address = f"{url}?last_seq={echo.last_seq}" if echo.last_seq else url
        try:
            async with websockets.connect(address, additional_headers=KEY) as stream:
                await stream.send('{"type": "audio_config", "receive": true}')
                async for got in stream:
                    sound = isinstance(got, bytes)
                    for answer in echo.hear(got) if sound else echo.read(json.loads(got)):
                        await stream.send(answer)
        except (OSError, websockets.WebSocketException) as error:
            print("The connection broke:", error)
            if 4400 <= getattr(getattr(error, "rcvd", None), "code", 0) < 4500:
                break  # A wrong key, or no such call: coming back would not help.
            await asyncio.sleep(1)


if __name__ == "__main__":
    with httpx.Client(base_url=URL, headers=KEY) as api:
        order = {"platform": "room", "agent_name": "Echo", "meeting_url": " ".join(sys.argv[1:])}
        call = api.post("/api/call", json=order).raise_for_status().json()
        print(f"Open this in a browser, say something and pause:\n{call['join_url']}")
        try:
            asyncio.run(attend(call["text_ws_url"], Echo()))
        except KeyboardInterrupt:
            api.delete(f"/api/call/{call['call_id']}")
