"""An echo server on plain sockets and `app.websocket`, for the Autobahn suite to knock at."""

import socketserver

from app import websocket

MAX_TEXT = 3 << 19  # Bytes: 1.5 MiB, as on the gateway's stream.
MAX_BINARY = 1 << 20
MAX_REQUEST = 16384


class Echo(socketserver.BaseRequestHandler):
    """Answers one connection with its own messages until either side closes."""

    def handle(self) -> None:
        """Shake hands, echo, and close as RFC 6455 sections 5.5.1 and 7.1 ask."""
        head, _, rest = self._read_request().partition(b"\r\n\r\n")
        try:
            self.request.sendall(websocket.accept(environ_of(head)))
        except websocket.Refused as refused:
            self.request.sendall(f"HTTP/1.1 {refused.status} Refused\r\n\r\n".encode())
            return
        decoder = websocket.Decoder(max_text=MAX_TEXT, max_binary=MAX_BINARY)
        received = rest or self.request.recv(65536)
        while received and not decoder.ended:
            self.request.sendall(b"".join(map(answer, decoder.feed(received))))
            received = b"" if decoder.ended else self.request.recv(65536)

    def _read_request(self) -> bytes:
        request = b""
        while b"\r\n\r\n" not in request and len(request) < MAX_REQUEST:
            part = self.request.recv(4096)
            if not part:
                break
            request += part
        return request


class Server(socketserver.ThreadingTCPServer):
    """Listens on a free port of loopback; `server_address` tells which."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)


def environ_of(head: bytes) -> dict[str, str]:
    """Turn a request's head into the part of a WSGI environ that the handshake reads."""
    request, *lines = head.decode("latin-1").split("\r\n")
    method, _, version = [*request.split(" "), "", ""][:3]
    environ = {"REQUEST_METHOD": method, "SERVER_PROTOCOL": version}
    for line in lines:
        name, _, value = line.partition(":")
        environ["HTTP_" + name.strip().upper().replace("-", "_")] = value.strip()
    return environ


def answer(message: websocket.Message) -> bytes:
    """Return what an echo server sends for a message."""
    match message:
        case websocket.Text(text):
            return websocket.encode_text(text)
        case websocket.Binary(payload):
            return websocket.encode_binary(payload)
        case websocket.Ping(payload):
            return websocket.encode_pong(payload)
        case websocket.Close():
            return websocket.answer_close(message)
        case websocket.Failed(code, reason):
            return websocket.encode_close(code, reason)
        case _:
            return b""
