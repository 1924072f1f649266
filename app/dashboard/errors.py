"""How an error reads as a page, or to one of our own scripts."""

from flask import Response, g, jsonify, make_response, render_template

from app.dashboard import forms
from app.errors import GatewayError

_TITLES = {
    400: "That did not work",
    401: "You are signed out",
    403: "This is not allowed",
    404: "Page not found",
    405: "That did not work",
    409: "That is not possible any more",
    413: "That is too large",
    429: "Too much at once",
    502: "Another service failed",
    503: "Not available at the moment",
}


def render_error(error: GatewayError) -> Response:
    """Answer an error outside of the APIs: with a page, or JSON for a script.

    Reads no database: it may be what failed.
    """
    if forms.wants_json():
        body = {"code": error.code, "message": str(error), "fields": error.fields}
        return make_response(jsonify(error=body), error.status)
    page = render_template(
        "dashboard/error.html",
        title=_TITLES.get(error.status, "Something went wrong"),
        error=error,
        request_id=g.get("request_id"),
    )
    return make_response(page, error.status)
