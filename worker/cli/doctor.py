"""`sojourn doctor`: what is in order, what is not, and what to do."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.doctor import Finding


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")] = False,
) -> None:
    """Check database, Temporal, providers (without sending), DNS and clocks; 1 if anything failed."""
    from worker.cli.database import signing_settings
    from worker.cli.errors import FAILED
    from worker.cli.output import print_json
    from worker.doctor import State

    settings = signing_settings()

    async def look() -> "list[Finding]":
        from worker.doctor import examine

        found = []
        async for finding in examine(settings):
            found.append(finding)
            if not as_json:
                typer.echo(_line(finding))
        return found

    found = asyncio.run(look())
    healthy = all(each.state is not State.FAILED for each in found)
    if as_json:
        checks = [
            {"check": each.check, "state": each.state.value, "what": each.what, "advice": each.advice} for each in found
        ]
        print_json({"ok": healthy, "checks": checks})
    if not healthy:
        raise typer.Exit(FAILED)


def _line(finding: "Finding") -> str:
    advice = f"\n{'':13}{finding.advice}" if finding.advice else ""
    return f"{finding.state.value:12} {finding.check}: {finding.what}{advice}"
