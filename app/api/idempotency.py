"""Idempotency keys: a repeated request is answered once and done once."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, make_response, request

from app.errors import InvalidRequest
from app.services import repeats

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_LONGEST = 255

View = Callable[..., Any]


def idempotent(view: View) -> View:
    """Let a view honour `Idempotency-Key`: a repeat gets the stored reply of the first request.

    Only a 2xx is stored; after any other answer the key is free again. Raises IdempotencyMismatch
    for another request under the same key, IdempotencyConflict while the first one runs.
    """

    @wraps(view)
    def once(**arguments: Any) -> Any:
        key = request.headers.get(HEADER, "")
        if not key:
            return view(**arguments)
        if len(key) > _LONGEST:
            raise InvalidRequest(fields={HEADER: [f"Longer than maximum length {_LONGEST}."]})
        caller = g.caller
        turn = repeats.begin(caller.tenant_id, key, _fingerprint(), test=caller.test)
        if isinstance(turn, repeats.Reply):
            return _replay(turn)
        try:
            reply = make_response(view(**arguments))
        except BaseException:
            repeats.forget(turn)
            raise
        if reply.status_code // 100 == 2:
            repeats.store(turn, reply.status_code, reply.get_data(as_text=True))
        else:
            repeats.forget(turn)
        return reply

    return once


def _fingerprint() -> str:
    """What makes a request the same: method, path and body."""
    path = request.path.rstrip("/")
    head = f"{request.method} {path}\n".encode()
    return hashlib.sha256(head + request.get_data(cache=True)).hexdigest()


def _replay(reply: repeats.Reply) -> Response:
    answer = Response(reply.body, status=reply.status, mimetype="application/json")
    answer.headers[REPLAYED] = "true"
    return answer
