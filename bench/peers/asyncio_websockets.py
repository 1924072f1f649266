"""Peer: a conference mixer on asyncio and `websockets`. Usage: asyncio_websockets.py PORT."""

import asyncio
import sys

from mixing import FRAME_S, Conference, next_tick
from websockets.asyncio.server import ServerConnection, broadcast, serve

conference = Conference()


async def client(socket: ServerConnection) -> None:
    """Enter the room, queue what is said, leave."""
    path = socket.request.path
    # broadcast() writes without waiting, so that no slow client holds up the tick.
    member = conference.join(path, lambda frame: broadcast((socket,), frame))
    try:
        async for message in socket:
            if isinstance(message, bytes):
                member.queue.append(message)
    finally:
        conference.leave(path, member)


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
    async with serve(client, "127.0.0.1", port, compression=None, backlog=4096) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
