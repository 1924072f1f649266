"""Runs the numbered migrations against the app's own database."""

from alembic import context
from flask import current_app

from app.extensions import db


def run() -> None:
    """Apply migrations on one connection; SQLite alters tables by copying them (batch mode)."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
