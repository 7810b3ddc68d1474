"""`sojourn simulate`: a rehearsal in virtual time."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.rehearsal.rehearse import Rehearsed
    from worker.rehearsal.scenario import Scenario


def simulate(
    name: Annotated[str, typer.Argument(help="Which journey, as `sojourn journeys` lists them.")],
    scenario: Annotated[str, typer.Option(metavar="FILE", help="A scenario in JSON; - reads it from stdin.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a timeline in words.")] = False,
) -> None:
    """Rehearse a journey: days in a second, nothing sent, nothing stored.

    Exits 0 whatever the outcome; 2 for a scenario that is refused, with the key that is wrong.
    """
    import asyncio

    from worker.cli.catalogue import journey_named
    from worker.cli.output import print_json
    from worker.rehearsal.rehearse import rehearse

    rehearsed = asyncio.run(rehearse(journey_named(name), _read(scenario)))
    if as_json:
        print_json(rehearsed.document())
    else:
        _show(rehearsed)


def _read(file: str) -> "Scenario":
    import sys

    from worker.rehearsal.scenario import parse_scenario, read_scenario

    return parse_scenario(sys.stdin.buffer.read()) if file == "-" else read_scenario(Path(file))


def _show(rehearsed: "Rehearsed") -> None:
    from textwrap import indent

    from rich.text import Text

    from worker.cli.output import console
    from worker.cli.timeline import lines

    out = console()
    if not rehearsed.entered:
        out.print(f"{rehearsed.journey}: this trigger does not let the customer in.")
        return
    out.print(Text(rehearsed.journey, style="bold"))
    for line in lines(rehearsed.timeline, rehearsed.timezone):
        out.print(Text.assemble((f"{line.when}  ", "cyan"), line.what), soft_wrap=True)
        if line.body:  # links stay whole, so that they can be clicked and copied
            out.print(Text(indent(line.body, " " * (len(line.when) + 4)) + "\n", style="dim"), soft_wrap=True)
    if rehearsed.outcome is None:
        out.print(Text("The journey has not ended: nothing more happens in this scenario.", style="bold"))
