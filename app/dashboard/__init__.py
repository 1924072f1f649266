"""The dashboard: one file per page."""

from flask import Flask

from app.dashboard import (  # noqa: F401  # Importing a page adds its routes to the blueprints.
    call_events,
    calls,
    frame,
    home,
    join,
    keys,
    login,
    news,
    rooms,
    settings,
    signup,
    words,
)
from app.dashboard.errors import render_error

__all__ = ["register", "render_error"]


def register(app: Flask) -> None:
    """Add the pages to the app."""
    frame.configure(app)
    words.register(app)
    app.register_blueprint(frame.entrance)
    app.register_blueprint(frame.bp)
    app.register_blueprint(join.bp)
