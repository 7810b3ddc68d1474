"""`sojourn channels`: who delivers, what keeps messages back, and how it is ended."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from activities.storage.channel_states import ChannelState

app = typer.Typer(help="The channels: how they stand, pause and resume.", invoke_without_command=True)

Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help="email, sms, push, or another that the list shows.")]
Reason = Annotated[str, typer.Option(help="For those who wonder later.")]


@app.callback()
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the channels: provider, state, since when, and how many messages wait."""
    if context.invoked_subcommand is not None:
        return
    from worker.cli.output import console, print_json

    found = _read()
    if as_json:
        print_json({"channels": [each.document() for each in found]})
        return
    from rich.table import Table

    table = Table("channel", "provider", "state", "since (UTC)", "until (UTC)", "reason", "waiting")
    for each in found:
        waiting = "\n".join(f"{count} {reason}" for reason, count in each.waiting.items())
        table.add_row(
            each.channel, each.provider, each.state, _minute(each.since), _minute(each.until), each.reason, waiting
        )
    console().print(table)


@app.command()
def pause(channel: Channel, reason: Reason) -> None:
    """Let nothing go over a channel; its messages are kept."""
    from activities.storage import provider_states
    from worker.cli.database import opened

    provider, now = _provider_of(channel), datetime.now(UTC)
    with opened() as database:
        done = database.write_now(lambda session: provider_states.pause(session, provider, reason, now))
    typer.echo(f"{channel} is paused." if done else f"{channel} was paused already.")


@app.command()
def resume(channel: Channel) -> None:
    """Let messages go again; those that were kept follow within half an hour, inside their customers' windows."""
    from activities.storage import provider_states
    from worker.cli.database import opened

    provider, now = _provider_of(channel), datetime.now(UTC)
    with opened() as database:
        done = database.write_now(lambda session: provider_states.resume(session, provider, now))
    typer.echo(f"{channel} is open again." if done else f"{channel} was not paused.")


def _read() -> "list[ChannelState]":
    from activities.storage.channel_states import channel_states
    from worker.assembly import providers
    from worker.cli.database import opened
    from worker.settings import read_settings

    names = {channel.value: each.name for channel, each in providers(read_settings(signing=False)).items()}
    with opened() as database:
        return database.read_now(lambda session: channel_states(session, names, datetime.now(UTC)))


def _provider_of(channel: str) -> str:
    from worker.cli.errors import WrongUseError

    known = {each.channel: each.provider for each in _read()}
    if channel not in known:
        raise WrongUseError(f"there is no channel {channel}; `sojourn channels` lists {', '.join(known)}")
    return known[channel]


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
