"""Peer: a conference mixer on flask-sock as it comes, run by gunicorn's gevent worker."""

import time

import gevent
from flask import Flask, request
from flask_sock import Sock
from mixing import FRAME_S, Conference, next_tick
from simple_websocket import ConnectionClosed, Server

app = Flask(__name__)
sock = Sock(app)
conference = Conference()


def tick() -> None:
    """Mix every 20 ms, in a greenlet of its own."""
    due = time.monotonic() + FRAME_S
    while True:
        gevent.sleep(max(0, due - time.monotonic()))
        conference.tick()
        due = next_tick(due, time.monotonic())


@sock.route("/room/<room>")
def client(ws: Server, room: str) -> None:
    """Enter the room, queue what is said, leave."""

    def send(frame: bytes | memoryview) -> None:
        try:
            ws.send(bytes(frame))
        except (ConnectionClosed, OSError):
            return  # The handler below notices as well, and leaves.

    member = conference.join(request.path, send)
    try:
        while True:
            message = ws.receive()
            if isinstance(message, bytes | bytearray):
                member.queue.append(bytes(message))
    finally:
        conference.leave(request.path, member)


gevent.spawn(tick)
