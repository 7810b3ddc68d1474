"""`sojourn summary`: the weekly summary for staff."""

import typer

app = typer.Typer(help="The weekly summary that members of staff may ask for in the console.", no_args_is_help=True)


@app.callback()
def summary() -> None:
    """The weekly summary that members of staff may ask for in the console."""


@app.command()
def send() -> None:
    """Send this week's now, to all who want it and have not got it. Otherwise it goes out on Mondays at eight."""
    import asyncio

    raise typer.Exit(asyncio.run(_send()))


async def _send() -> int:
    from datetime import UTC, datetime

    from activities.storage import summaries
    from activities.storage.summaries import State
    from worker.assembly import assemble, system_clock
    from worker.schema import require_migrated
    from worker.settings import read_settings
    from worker.weekly_summary import weekly_summaries

    settings = read_settings()
    require_migrated(settings)
    parts = assemble(settings)
    try:
        sender = weekly_summaries(parts, settings, system_clock(parts.database, settings))
        recipients = await parts.database.read(lambda session: summaries.wanted(session, datetime.now(UTC)))
        states = [await sender.send(each) for each in recipients]
    finally:
        parts.database.close()
    for recipient, state in zip(recipients, states, strict=True):
        typer.echo(f"{recipient.name}: {state or 'sent before'}")
    if not recipients:
        typer.echo("Nobody has asked for it; everybody can, under their name in the console.")
    return int(any(state in {State.REFUSED, State.UNKNOWN} for state in states))
