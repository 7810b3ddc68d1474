"""`sojourn staff`: who may sign in to the console."""

import sys
from typing import Annotated

import typer

app = typer.Typer(help="Members of staff who may sign in to the console.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="What they sign in with.")]


@app.command()
def add(
    login: Login,
    role: Annotated[str, typer.Option(help="viewer, support or admin.")] = "viewer",
    name: Annotated[str, typer.Option(help="As others read it; the login if not given.")] = "",
    timezone: Annotated[str, typer.Option(help="IANA zone in which the console shows them times.")] = "UTC",
) -> None:
    """Add a member. The password is asked for, or read from standard input if that is no terminal."""
    import zoneinfo
    from datetime import UTC, datetime

    from activities.storage.staff import Role, add_member
    from worker.cli.database import opened
    from worker.cli.errors import WrongUseError

    if timezone not in zoneinfo.available_timezones():
        raise WrongUseError(f"--timezone: no IANA time zone: {timezone}")
    try:
        chosen = Role.named(role)
    except ValueError as error:
        raise WrongUseError(f"--role: {error}") from error
    password = _password()
    with opened() as database:
        try:
            database.write_now(
                lambda session: add_member(session, login, name, chosen, password, datetime.now(UTC), timezone)
            )
        except ValueError as error:
            raise WrongUseError(str(error)) from error
    typer.echo(f"{login} may sign in as {chosen.label}.")


@app.command()
def password(login: Login) -> None:
    """Give a member another password; they are signed out everywhere."""
    from activities.storage.staff import set_password
    from worker.cli.database import opened
    from worker.cli.errors import WrongUseError

    new = _password()
    with opened() as database:
        try:
            database.write_now(lambda session: set_password(session, login, new))
        except (LookupError, ValueError) as error:
            raise WrongUseError(str(error)) from error
    typer.echo(f"{login} has a new password.")


@app.command("list")
def show() -> None:
    """List the members, disabled ones included."""
    from rich.table import Table

    from activities.storage.staff import members
    from worker.cli.database import opened
    from worker.cli.output import console

    with opened() as database:
        found = database.read_now(members)
    table = Table("login", "name", "role", "time zone", "disabled")
    for member in found:
        disabled = f"{member.disabled_at:%Y-%m-%d %H:%M}" if member.disabled_at else ""
        table.add_row(member.login, member.name, member.role, member.timezone, disabled)
    console().print(table if found else "No members yet; `sojourn staff add` makes one.")


@app.command()
def disable(login: Login) -> None:
    """Let a member in no more; they are signed out everywhere."""
    from datetime import UTC, datetime

    from activities.storage import staff
    from worker.cli.database import opened
    from worker.cli.errors import WrongUseError

    with opened() as database:
        try:
            database.write_now(lambda session: staff.disable(session, login, datetime.now(UTC)))
        except LookupError as error:
            raise WrongUseError(str(error)) from error
    typer.echo(f"{login} may sign in no more.")


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
