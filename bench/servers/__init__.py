"""The servers that are measured, by name; each line is `module:Class`."""

from importlib import import_module

from bench.servers.base import Server

SERVERS = {
    "patchbay": "bench.servers.patchbay:Patchbay",
    "node": "bench.servers.peers:NodeWs",
    "picows": "bench.servers.peers:Picows",
    "websockets": "bench.servers.peers:AsyncioWebsockets",
    "flask-sock": "bench.servers.peers:PlainFlaskSock",
}


def get(name: str) -> Server:
    """Return a server by name."""
    module, _, cls = SERVERS[name].partition(":")
    return getattr(import_module(module), cls)()
