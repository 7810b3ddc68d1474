"""`sojourn stuck`: journeys that only a fix can help."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.stuck import StuckJourney

LONGEST_REASON = 200


def stuck(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the journeys whose workflow task fails again and again, and why. They stand still and lose nothing."""
    from worker.cli.output import console, print_json

    found = asyncio.run(_read())
    if as_json:
        print_json({"stuck": [each.document() for each in found]})
        return
    if not found:
        typer.echo("No journey is stuck.")
        return
    from rich.table import Table

    table = Table("workflow", "since (UTC)", "attempts", "reason")
    for each in found:
        since = f"{each.since:%Y-%m-%d %H:%M}" if each.since else ""
        table.add_row(each.workflow_id, since, str(each.attempts), each.reason[:LONGEST_REASON])
    console().print(table)


async def _read() -> "list[StuckJourney]":
    from worker.connection import connect
    from worker.dev.folder import temporal_beside
    from worker.payload_keys import data_converter
    from worker.settings import read_settings
    from worker.stuck import stuck_journeys

    settings = read_settings(signing=False)
    return await stuck_journeys(
        await connect(data_converter(settings.encryption), otherwise=temporal_beside(settings)), settings.task_queue
    )
