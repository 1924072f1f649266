"""Commands for operators: `flask --app wsgi keys create`, and so on."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import click
from flask import Flask

from app import ids
from app.errors import GatewayError
from app.extensions import transaction
from app.models import Tenant
from app.models.columns import now
from app.models.room import RoomStatus
from app.services import events, first_start, keys, rooms, tenants, users

TENANT = click.option("--tenant", "tenant_id", type=click.UUID, help="Default: the first tenant.")


def register(app: Flask) -> None:
    """Add the commands to the app."""
    for command in (key_commands, user_commands, room_commands, tenant_commands, event_commands):
        app.cli.add_command(command)
    app.cli.add_command(bootstrap)


def explained(command: Callable[..., None]) -> Callable[..., None]:
    """Turn an error of ours into one line and exit code 1."""

    @wraps(command)
    def guarded(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except GatewayError as error:
            texts = [text for several in error.fields.values() for text in several]
            raise click.ClickException(" ".join(texts) or str(error)) from None

    return guarded


@click.group("keys", help="API keys.")
def key_commands() -> None:
    """The group of the commands below."""


@key_commands.command("create", help="Make an API key and print it, once.")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, help="May be repeated. Default: all scopes.")
@click.option("--environment", type=click.Choice(["live", "test"]))
@click.option("--days", type=click.IntRange(min=1), help="Days until it expires. Default: never.")
@TENANT
@explained
def create_key(
    name: str,
    scopes: Sequence[str],
    environment: str | None,
    days: int | None,
    tenant_id: uuid.UUID | None,
) -> None:
    """Print nothing but the key, so that a script can take it."""
    expires_at = now() + timedelta(days=days) if days else None
    tenant = _tenant(tenant_id)
    _, key = keys.create(
        tenant.id, name[:80], scopes=scopes, environment=environment, expires_at=expires_at
    )
    click.echo(key)


@key_commands.command("list", help="List the keys that still open something.")
@TENANT
@explained
def list_keys(tenant_id: uuid.UUID | None) -> None:
    """One key per line."""
    for row in keys.of_tenant(_tenant(tenant_id).id):
        shown = f"{row.prefix}…{row.last_four}"
        used = f"used {_when(row.last_used_at)}"
        scopes = " ".join(row.scopes) or "all scopes"
        click.echo("  ".join([ids.public("key", row.id), shown, row.name, used, scopes]))


@key_commands.command("revoke", help="Make a key worthless at once.")
@click.argument("key_id")
@TENANT
@explained
def revoke_key(key_id: str, tenant_id: uuid.UUID | None) -> None:
    """Sockets that came in with it are closed too."""
    keys.revoke(_tenant(tenant_id).id, ids.parse("key", key_id))
    click.echo("Revoked.")


@click.group("users", help="People who sign in to the dashboard.")
def user_commands() -> None:
    """The group of the commands below."""


@user_commands.command("create", help="Make a user with a tenant of their own.")
@click.argument("email")
@click.password_option(help="Asked for when it is not given.")
@explained
def create_user(email: str, password: str) -> None:
    """Works with sign-up closed, too."""
    user = users.sign_up(email, password)
    click.echo(f"{user.email}  tenant {user.tenant_id}")


@user_commands.command("set-password", help="Set a forgotten password; ends the user's sessions.")
@click.argument("email")
@click.password_option(help="Asked for when it is not given.")
@explained
def set_password(email: str, password: str) -> None:
    """The old password is not asked for: whoever can run this can read the database."""
    users.set_password(users.find(email), password)
    click.echo("The password is set.")


@click.group("rooms", help="Rooms.")
def room_commands() -> None:
    """The group of the commands below."""


@room_commands.command("list", help="List rooms, the newest first.")
@click.option("--all", "every", is_flag=True, help="Those that have ended, too.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@TENANT
@explained
def list_rooms(every: bool, limit: int, tenant_id: uuid.UUID | None) -> None:
    """One room per line, and a last line when there are more."""
    status = None if every else RoomStatus.ACTIVE
    found, total = rooms.page(_tenant(tenant_id).id, status=status, limit=limit)
    for room in found:
        name = room.name or "(no name)"
        click.echo(f"{room.id}  {room.status}  {_when(room.created_at)}  {name}")
    if total > len(found):
        click.echo(f"… and {total - len(found)} more")


@room_commands.command("end", help="End a room with every call in it.")
@click.argument("room_id", type=click.UUID)
@explained
def end_room(room_id: uuid.UUID) -> None:
    """Ending an ended room changes nothing."""
    ended = rooms.end(room_id, "operator")
    click.echo("Ended." if ended else "There is no such room, or it has ended before.")


@click.group("tenants", help="Tenants.")
def tenant_commands() -> None:
    """The group of the command below."""


@tenant_commands.command("list", help="List all tenants, the oldest first.")
@explained
def list_tenants() -> None:
    """One tenant per line."""
    for tenant in tenants.every():
        seen = f"seen {_when(tenant.last_seen_at)}"
        click.echo(
            "  ".join([str(tenant.id), tenant.name, f"since {_when(tenant.created_at)}", seen])
        )


@click.group("events", help="The event log.")
def event_commands() -> None:
    """The group of the command below."""


@event_commands.command("trim", help="Forget events older than EVENT_RETENTION_DAYS.")
@explained
def trim_events() -> None:
    """Readers that were away for longer are told of the gap."""
    with transaction():
        forgotten = events.trim()
    click.echo(f"{forgotten} events forgotten.")


@click.command("bootstrap", help="Make the first tenant, login and API key, if there is none yet.")
@explained
def bootstrap() -> None:
    """For installs that do not begin with `make run`; the secrets are printed once."""
    login = first_start.bootstrap()
    if login is None:
        click.echo("There is a tenant already; nothing was made.")
        return
    click.echo(f"Login     {login.email}")
    click.echo(f"Password  {login.password or 'as set in BOOTSTRAP_PASSWORD'}")
    click.echo(f"API key   {login.api_key or 'as set in BOOTSTRAP_API_KEY'}")


def _tenant(tenant_id: uuid.UUID | None) -> Tenant:
    if tenant_id is not None:
        return tenants.get(tenant_id)
    if (tenant := tenants.first()) is None:
        raise click.ClickException("There is no tenant yet; run `bootstrap` or `users create`.")
    return tenant


def _when(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "never"
