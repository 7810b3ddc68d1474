"""`sojourn check`: what a deploy would find, found before it."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from activities.rendering import Written
    from worker.lint import Finding
    from workflows.journey import Journey

HISTORIES = Path("tests", "histories")


def check() -> None:
    """Replay recorded histories, render every template with extreme values, lint the journeys.

    Run it in the folder of the project: histories are looked for in tests/histories. One line a finding, as
    FILE:LINE: WHAT. Exits 1 if there is one.
    """
    found, done = _run()
    for finding in found:
        typer.echo(str(finding))
    if found:
        typer.echo(f"{len(found)} found.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Nothing found: {done}.")


def _run() -> "tuple[list[Finding], str]":
    """The findings, and what was looked at."""
    import asyncio

    import workflows
    from activities.templates.brand import Brand
    from activities.templates.renderer import MESSAGES, JinjaRenderer
    from worker.lint import Finding, lint_journeys, render_all, replay, unfit_variants

    folder = Path(workflows.__file__).parent
    try:
        renderer = JinjaRenderer(Brand())
    except ValueError as error:  # half of an email
        return [Finding(MESSAGES, 1, str(error))], ""
    found = lint_journeys(folder, renderer.names()) + render_all(renderer)
    written = renderer.written() if not found else None  # a broken template cannot say what it is
    found += unfit_variants(written) if written else []
    try:
        journeys = workflows.catalogue()
    except Exception as error:  # noqa: BLE001 - a journey's file may raise anything when it is imported
        if not found:
            file, line = _innermost(error, folder)
            found = [Finding(file, line, f"a journey cannot be imported: {type(error).__name__}: {error}")]
        return found, ""
    files = sorted(HISTORIES.glob("*/*.json"))
    if not files:
        typer.echo(f"There are no histories in {HISTORIES} to replay.", err=True)
    found += asyncio.run(replay(journeys, files)) + _in_this_system(journeys, written)
    return found, (
        f"{len(journeys)} journeys read, {len(renderer.names())} templates rendered, {len(files)} histories replayed"
    )


def _innermost(error: Exception, folder: Path) -> tuple[Path, int]:
    """The line of a journey file that raised it."""
    import traceback

    frames = [each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename).parent == folder]
    journeys = [each for each in frames if Path(each.filename).name != "__init__.py"]
    return (Path(journeys[-1].filename), journeys[-1].lineno or 1) if journeys else (folder, 1)


def _in_this_system(journeys: "dict[str, type[Journey]]", written: "Written | None") -> "list[Finding]":
    """What only the settings and the database tell."""
    from activities.storage.database import Database
    from worker.cli.database import exists, opened
    from worker.lint import chosen_and_gone, left_behind, missing_settings
    from worker.settings import read_settings

    settings = read_settings(signing=False)
    if exists():
        with opened() as database:
            found = missing_settings(journeys, settings, database) + left_behind(journeys, database)
            return found + (chosen_and_gone(journeys, written, database) if written else [])
    database = Database("sqlite://", inline=True)  # as a fresh system would have them
    try:
        database.create_all()
        return missing_settings(journeys, settings, database)
    finally:
        database.close()
