"""What goes in and out of an endpoint: JSON bodies and queries against a schema."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema

from app.errors import InvalidJSON, InvalidRequest, UnsupportedMediaType

MAX_BODY = 1 << 20  # Bytes; the app's own setting, which a route for files may raise.

View = Callable[..., Any]


def accepts(schema: type[Schema]) -> Callable[[View], View]:
    """Pass the fields of the JSON body on as keyword arguments.

    A missing body equals `{}` and unknown fields are ignored. Raises UnsupportedMediaType,
    InvalidJSON, InvalidRequest with fields; a body over the cap is refused by the framework.
    """
    loader = schema(unknown=EXCLUDE)

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(**path: Any) -> Any:
            return view(**path, **loader.load(read()))

        return checked

    return decorate


def queries(schema: type[Schema]) -> Callable[[View], View]:
    """Pass the parameters of the query on as keyword arguments; unknown ones are ignored."""
    loader = schema(unknown=EXCLUDE)

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(**path: Any) -> Any:
            return view(**path, **loader.load(request.args.to_dict()))

        return checked

    return decorate


def returns(schema: type[Schema], status: int = 200) -> Callable[[View], View]:
    """Answer with what the view returns, as JSON with the schema's fields."""
    dumper = schema()

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(**arguments: Any) -> ResponseReturnValue:
            reply = jsonify(dumper.dump(view(**arguments)))
            reply.status_code = status
            return reply

        return answered

    return decorate


def nothing() -> Response:
    """The answer that has no body."""
    return Response(status=204)


def read() -> dict[str, Any]:
    """Read the request's JSON object.

    Raises UnsupportedMediaType, InvalidJSON, InvalidRequest.
    """
    raw = request.get_data(cache=True)
    if not raw:
        return {}
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        value = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidJSON from None
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    if b"\\u" in raw:
        _check_text(value)
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON (RFC 8259 section 6).")


def _check_text(value: Any) -> None:
    """Refuse what no database stores: NUL, and halves of surrogate pairs."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise InvalidRequest("A text holds NUL or half of a surrogate pair.")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)
