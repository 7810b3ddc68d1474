"""`sojourn keys`: who may call the API."""

from typing import Annotated

import typer

app = typer.Typer(help="Keys of the HTTP API.", no_args_is_help=True)


@app.command()
def create(name: Annotated[str, typer.Option(help="Whose key it is, for people.")] = "") -> None:
    """Create a key and print it. It is shown once and kept only as a hash."""
    from datetime import UTC, datetime

    from activities.storage.api_keys import create_key
    from worker.cli.database import opened

    with opened() as database:
        key = database.write_now(lambda session: create_key(session, name, datetime.now(UTC)))
    typer.echo(key)
    typer.echo("Keep it: it cannot be read again.", err=True)


@app.command("list")
def show() -> None:
    """List the keys, revoked ones included."""
    from rich.table import Table

    from activities.storage.api_keys import list_keys
    from worker.cli.database import opened
    from worker.cli.output import console

    with opened() as database:
        keys = database.read_now(list_keys)
    table = Table("id", "name", "created", "revoked")
    for key in keys:
        revoked = f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
        table.add_row(key.id, key.name, f"{key.created_at:%Y-%m-%d %H:%M}", revoked)
    console().print(table if keys else "No keys yet; `sojourn keys create` makes one.")


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As `sojourn keys list` shows it.")]) -> None:
    """Revoke a key; the API refuses it within a minute."""
    from datetime import UTC, datetime

    from activities.storage.api_keys import revoke_key
    from worker.cli.database import opened
    from worker.cli.errors import WrongUseError

    with opened() as database:
        if not database.write_now(lambda session: revoke_key(session, key_id, datetime.now(UTC))):
            raise WrongUseError(f"there is no key {key_id}; `sojourn keys list` shows them")
    typer.echo(f"Key {key_id} is revoked.")
