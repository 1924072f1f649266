"""How a page takes a form: what it read, what was wrong with it, and where to go next."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from app.errors import GatewayError, InvalidRequest


def text(name: str, most: int, *, least: int = 1, label: str = "This") -> str:
    """Read a line of text from the form, trimmed. Raises InvalidRequest."""
    value = request.form.get(name, "").strip()
    if not least <= len(value) <= most:
        what = "is needed" if not value else f"may have at most {most:,} characters"
        raise InvalidRequest(fields={name: [f"{label} {what}."]})
    return value


def named(expected: str) -> None:
    """Raise InvalidRequest unless the form repeats the name of what is to be destroyed."""
    if request.form.get("confirm", "").strip() != expected.strip():
        raise InvalidRequest(fields={"confirm": [f"Type “{expected}” exactly."]})


def again(template: str, error: GatewayError, **values: Any) -> tuple[str, int]:
    """Show a form once more, with what was typed and what was wrong with it."""
    page = render_template(template, error=error, wrong=error.fields, typed=request.form, **values)
    return page, error.status


def done(message: str, to: str) -> Response:
    """Say that it worked, on the page that comes next; a script is told which one that is."""
    flash(message)
    return jsonify(next=to) if wants_json() else redirect(to, 303)


def wants_json() -> bool:
    """Whether the request came from one of our scripts and not from the address bar."""
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json"
