"""The public APIs: which dialects there are, and the one place that answers their errors."""

import math
import re
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import cast

from flask import Flask, Response, g, make_response, request
from werkzeug.exceptions import MethodNotAllowed

from app.api import failures, health
from app.api.dialect import Dialect
from app.errors import GatewayError

DIALECTS = {
    "gateway": "app.api.gateway:dialect",
    "rooms": "app.api.rooms:dialect",
}

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def register(app: Flask, page: Callable[[GatewayError], Response]) -> None:
    """Give the app its dialects; `page` answers errors outside all of their prefixes."""
    dialects = [*map(load, DIALECTS), Dialect("pages", [""], page)]
    for dialect in dialects:
        for blueprint in dialect.blueprints:
            app.register_blueprint(blueprint)
    app.register_blueprint(health.bp)
    app.before_request(_name_request)
    app.after_request(_add_headers)
    # On the app, not on blueprints: those never see an unknown URL or a wrong method.
    app.register_error_handler(Exception, partial(_render, dialects))


def load(name: str) -> Dialect:
    """Return the dialect of that name."""
    module, _, attribute = DIALECTS[name].partition(":")
    return cast(Dialect, getattr(import_module(module), attribute))


def _render(dialects: Sequence[Dialect], error: Exception) -> Response:
    """Answer any error in the words of the dialect that was addressed."""
    dialect = max(dialects, key=lambda candidate: candidate.claims(request.path))
    known = failures.normalise(error)
    answer = dialect.envelope(known)
    reply = make_response(answer)
    if isinstance(answer, dict):
        reply.status_code = known.status
    _explain(reply, known, error)
    return reply


def _explain(reply: Response, known: GatewayError, error: Exception) -> None:
    """Add the headers that belong to a status (RFC 9110 sections 10.2.1, 10.2.3 and 11.6.1)."""
    if known.status == 401:
        reply.headers["WWW-Authenticate"] = "Bearer"
    if known.status in (429, 503) or known.retry_after is not None:
        reply.headers["Retry-After"] = str(max(1, math.ceil(known.retry_after or 1)))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        reply.headers["Allow"] = ", ".join(sorted(error.valid_methods))


def _name_request() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _add_headers(reply: Response) -> Response:
    # A request that failed before it was named has an id all the same.
    reply.headers["X-Request-ID"] = g.get("request_id") or uuid.uuid4().hex
    reply.headers.update(g.get("reply_headers", {}))
    return reply
