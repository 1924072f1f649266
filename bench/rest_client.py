"""A small HTTP/1.1 client on one epoll: keep-alive connections, one request each at a time."""

import json
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

RequestOf = Callable[[int], bytes]


@dataclass
class Outcome:
    """Latencies in ms of the answered requests, and everything that was no success."""

    seconds: float
    latencies: list[float]
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Successes per second."""
        return len(self.latencies) / self.seconds

    def quantile(self, q: float) -> float:
        """Return a quantile of the latency in ms."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else 0.0


class Connection:
    """One keep-alive connection and the reply it awaits."""

    def __init__(self, port: int, number: int) -> None:
        self.number = number
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._missing = -1

    def ask(self, request: bytes) -> None:
        """Send a request; it is small enough to go out whole."""
        self.asked_at = time.perf_counter()
        self._received, self._missing = b"", -1
        self.socket.sendall(request)

    def read(self) -> bytes | None:
        """Return the reply once it is whole.

        Raises ConnectionError when the server hung up.
        """
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("The server hung up.")
        self._received += data
        if self._missing < 0:
            head, found, body = self._received.partition(b"\r\n\r\n")
            if not found:
                return None
            self._missing = _content_length(head) - len(body)
        else:
            self._missing -= len(data)
        return self._received if self._missing <= 0 else None


def run(
    port: int, request_of: RequestOf, *, connections: int, seconds: float, warmup: float = 1
) -> Outcome:
    """Keep every connection asking for a while and count what comes back after the warm-up.

    `request_of` makes the next request of a connection by its number.
    """
    opened = [Connection(port, number) for number in range(connections)]
    outcome = Outcome(seconds, [])
    counted_from = time.perf_counter() + warmup
    until = counted_from + seconds
    with selectors.DefaultSelector() as selector:
        for connection in opened:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.ask(request_of(connection.number))
        while time.perf_counter() < until:
            for key, _ in selector.select(timeout=1):
                _answered(key.data, outcome, counted_from, request_of)
    for connection in opened:
        connection.socket.close()
    return outcome


def ask_all(port: int, requests: Sequence[bytes], *, connections: int = 16) -> list[dict]:
    """Send every request once, several at a time, and return their JSON replies in order.

    Raises ConnectionError for a reply that is no success.
    """
    replies: list[dict] = [{}] * len(requests)
    waiting = iter(range(len(requests)))
    busy: dict[Connection, int] = {}
    with selectors.DefaultSelector() as selector:
        for number in range(min(connections, len(requests))):
            connection = Connection(port, number)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            busy[connection] = next(waiting)
            connection.ask(requests[busy[connection]])
        while busy:
            for key, _ in selector.select(timeout=30):
                connection = key.data
                if (reply := connection.read()) is None:
                    continue
                replies[busy.pop(connection)] = _success(reply)
                if (i := next(waiting, None)) is None:
                    selector.unregister(connection.socket)
                    connection.socket.close()
                else:
                    busy[connection] = i
                    connection.ask(requests[i])
    return replies


def get(path: str, header: str) -> bytes:
    """Build a GET request with one more header."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\n\r\n".encode()


def post(path: str, header: str | None, body: bytes) -> bytes:
    """Build a POST request of JSON, with one more header or none."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *([header] if header else [])]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _answered(
    connection: Connection, outcome: Outcome, counted_from: float, request_of: RequestOf
) -> None:
    reply = connection.read()
    if reply is None:
        return
    now = time.perf_counter()
    if now >= counted_from:
        status = reply[9:12].decode()
        if status in (str(HTTPStatus.OK.value), str(HTTPStatus.CREATED.value)):
            outcome.latencies.append((now - connection.asked_at) * 1000)
        else:
            outcome.failures[status] = outcome.failures.get(status, 0) + 1
    connection.ask(request_of(connection.number))


def _success(reply: bytes) -> dict:
    head, _, body = reply.partition(b"\r\n\r\n")
    if not reply[9:10] == b"2":
        raise ConnectionError(f"The server answered {head[:40]!r}: {body[:200]!r}")
    return json.loads(body)


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    raise ConnectionError("The reply has no length.")
