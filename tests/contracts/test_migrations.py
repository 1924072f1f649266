"""The numbered migrations and the models say the same."""

from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from app.extensions import db
from tests.databases import on_both_databases

FOLDER = str(Path(__file__).parent.parent.parent / "migrations")


def tables():
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_all_tables_come_and_go_with_the_migrations(make_app, kind):
    with make_app(kind).app_context():
        assert tables() == set(db.metadata.tables)

        flask_migrate.downgrade(FOLDER, revision="base")
        assert tables() == set()

        flask_migrate.upgrade(FOLDER)
        assert tables() == set(db.metadata.tables)


@on_both_databases
def test_migrated_tables_are_those_of_the_models(context):
    with db.engine.connect() as connection:
        options = {"compare_type": True, "render_as_batch": True}
        migrations = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(migrations, db.metadata) == []


def test_migrations_are_numbered_in_one_line():
    script = ScriptDirectory(FOLDER)
    revisions = sorted(each.revision for each in script.walk_revisions())

    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    assert len(script.get_heads()) == 1
    for each in script.walk_revisions():
        assert Path(each.path).name.startswith(f"{each.revision}_")
