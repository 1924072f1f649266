"""Peer: a conference mixer on picows and uvloop. Usage: picows_uvloop.py PORT."""

import asyncio
import sys

import uvloop
from mixing import FRAME_S, Conference, next_tick
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

conference = Conference()


class Client(WSListener):
    """One connection; picows answers pings itself."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Enter the room."""
        self._member = conference.join(
            self._path, lambda frame: transport.send(WSMsgType.BINARY, frame)
        )

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Queue a frame of audio."""
        if frame.msg_type == WSMsgType.BINARY:
            self._member.queue.append(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Leave the room."""
        conference.leave(self._path, self._member)


async def main(port: int) -> None:
    """Serve, and mix every 20 ms."""
    loop = asyncio.get_running_loop()
    due = loop.time() + FRAME_S

    def tick() -> None:
        nonlocal due
        conference.tick()
        due = next_tick(due, loop.time())
        loop.call_at(due, tick)

    loop.call_at(due, tick)
    server = await ws_create_server(
        lambda request: Client(request.path.decode()), "127.0.0.1", port, backlog=4096
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
