"""Patchbay: the one place where its parts meet."""

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import api, cli, config, dashboard, models
from app.api.body import MAX_BODY
from app.extensions import db, migrate, sock


def create_app(settings: config.Settings | None = None) -> Flask:
    """Build the web application; settings come from the environment unless given."""
    settings = settings or config.load()
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    app.config.from_mapping(_flask_config(settings))
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Fields keep the order of their schema.
    db.init_app(app)
    migrate.init_app(app, db, directory="migrations", render_as_batch=True)
    sock.init_app(app)
    dashboard.register(app)
    api.register(app, dashboard.render_error)
    cli.register(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]  # Flask's documented way.
    return app


def _flask_config(settings: config.Settings) -> dict[str, Any]:
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.sqlalchemy_url,
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "MODELS": models.__all__,
    }
