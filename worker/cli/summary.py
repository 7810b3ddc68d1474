"""`sojourn summary`: the weekly summary for staff."""

import typer

WORDS = {  # by state of the ledger
    "claimed": "waits until the provider may be sent it",
    "attempting": "is being sent, or nobody knows yet; the worker finds out",
    "retryable": "not sent; the worker tries again",
    "accepted": "sent",
    "rejected": "refused by the provider",
    "unknown": "may have been sent; it is not repeated",
    "suppressed": "no longer wanted",
}

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
    from activities.storage.ledger import State
    from worker.assembly import assemble, system_clock
    from worker.connection import connect
    from worker.dev.folder import temporal_beside
    from worker.payload_keys import data_converter
    from worker.schema import require_migrated
    from worker.settings import read_settings
    from worker.stuck import StuckWatch
    from worker.weekly_summary import weekly_summaries

    settings = read_settings()
    require_migrated(settings)
    parts = assemble(settings)
    try:
        client = await connect(data_converter(settings.encryption), otherwise=temporal_beside(settings), lazy=True)
        stuck = StuckWatch(client, settings.task_queue).journeys
        sender = weekly_summaries(parts, settings, system_clock(parts.database, settings), stuck)
        recipients = await parts.database.read(lambda session: summaries.wanted(session, datetime.now(UTC)))
        states = [await sender.send(each) for each in recipients]
    finally:
        parts.database.close()
    for recipient, state in zip(recipients, states, strict=True):
        typer.echo(f"{recipient.name}: {WORDS[state]}")
    if not recipients:
        typer.echo("Nobody has asked for it; everybody can, under their name in the console.")
    return int(any(state not in {State.ACCEPTED, State.SUPPRESSED} for state in states))
