"""`sojourn import`: registrations from a file or from another database, into ours directly."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from activities.storage.imports import Content, Format
    from activities.storage.tables import Import

STDIN = "-"
EXTENSIONS: "dict[str, Format]" = {".csv": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}


def import_(
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="CSV or NDJSON; - reads stdin.")] = None,
    format_: Annotated[
        Literal["csv", "ndjson"] | None, typer.Option("--format", help="If the name of the file does not tell.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where what is refused goes. [default: NAME.rejected.ndjson]")
    ] = None,
    sql: Annotated[
        str | None,
        typer.Option(metavar="NAME|URL", help="A database instead of a file: crm for the URL in SOJOURN_SOURCE_CRM."),
    ] = None,
    query: Annotated[str | None, typer.Option(help="A SELECT whose columns are fields of a registration.")] = None,
    key: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Unique, and larger for newer rows. [default: id]")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of these rows: a further run goes on where the last ended.")] = None,
    every: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Put it on a Temporal Schedule: 30s, 15m, 6h or 1d.")
    ] = None,
    schedules: Annotated[bool, typer.Option("--schedules", help="List what is scheduled, and end.")] = False,
    remove: Annotated[
        str | None, typer.Option(metavar="NAME", help="Take a schedule away, forget how far it was, and end.")
    ] = None,
) -> None:
    """Register the customers of a file or a database. Their journeys start one by one, behind those who register live.

    Interrupted, it goes on where it stopped when the same is imported again. A row that is wrong is named in the report
    and passed over. Exits 1 if there was one.
    """
    from worker.cli import source_imports
    from worker.cli.errors import WrongUseError

    wanted = [given for given in (file, sql, schedules or None, remove) if given is not None]
    if len(wanted) != 1:
        raise WrongUseError("give one of FILE, --sql, --schedules and --remove")
    if sql is None and (query or key or name or every):
        raise WrongUseError("--query, --key, --name and --every belong to --sql")
    if schedules:
        source_imports.show()
    elif remove is not None:
        source_imports.remove(remove)
    elif sql is not None:
        source_imports.import_rows(source_imports.Asked(sql, query or "", key or "id", name or "", every or ""), report)
    elif file is not None:
        _import_file(file, format_, report)


def _import_file(file: str, format_: "Format | None", report: Path | None) -> None:
    import asyncio

    from activities.storage.bulk_entry import ImportLostError
    from api.imports.records import UnreadableFileError
    from worker.cli.errors import FailedError, WrongUseError

    how = format_ or EXTENSIONS.get(Path(file).suffix.lower())
    if how is None:
        raise WrongUseError(f"{file}: is it CSV or NDJSON? Say --format csv or --format ndjson")
    report = report or Path(f"{'stdin' if file == STDIN else file}.rejected.ndjson")
    try:
        with _readable(file) as readable:
            raise typer.Exit(asyncio.run(_import(readable, how, file, report)))
    except UnreadableFileError as error:
        raise WrongUseError(f"{file}: {error.detail}") from error
    except OSError as error:
        if error.filename != file:
            raise
        raise WrongUseError(f"cannot read {file}: {error.strerror}") from error
    except ImportLostError as error:
        raise FailedError(f"another process goes on with the import of {file}") from error


async def _import(file: BinaryIO, how: "Format", name: str, report: Path) -> int:
    """Import a file; the exit code."""
    from datetime import UTC, datetime

    from activities.storage import imports
    from activities.storage.bulk_entry import MOST_KEPT
    from activities.storage.pacing import paced_until
    from api.imports.records import records
    from api.imports.running import run_import
    from worker.cli.database import opened
    from worker.cli.import_report import counted_rows, tell_pace, tell_refused, write_report
    from worker.import_rules import import_rules
    from worker.settings import read_settings

    settings = read_settings(signing=False)
    content = _content(file, how)
    records(file, how)  # a file that cannot be read leaves no trace
    with opened() as database:
        rules = import_rules(database, settings)
        now = datetime.now(UTC)
        row = database.write_now(lambda session: imports.opened(session, content, now))
        if row.state == "done":
            typer.echo(f"{name} was imported before, at {row.finished_at:%Y-%m-%d %H:%M} UTC.")
        else:
            with _progress(row) as told:
                row = await run_import(rules, row.id, file, told=told)
        until = database.read_now(paced_until)
        refused = database.read_now(lambda session: imports.refused_lines(session, row.id, limit=MOST_KEPT))
        write_report(report, ({"line": each.line, "errors": each.errors} for each in refused))
    typer.echo(f"{counted_rows(row)}.")
    tell_pace(until)
    tell_refused(row, "lines", report)
    return 1 if row.refused else 0


@contextmanager
def _readable(file: str) -> "Iterator[BinaryIO]":
    """The file, seekable: what comes through a pipe is kept on the disk meanwhile."""
    import shutil
    import sys
    import tempfile

    if file != STDIN and Path(file).is_file():
        with Path(file).open("rb") as readable:
            yield readable
        return
    with tempfile.TemporaryFile() as kept:
        if file == STDIN:
            shutil.copyfileobj(sys.stdin.buffer, kept)
        else:
            with Path(file).open("rb") as pipe:  # or there is no such file, which is told
                shutil.copyfileobj(pipe, kept)
        yield kept


def _content(file: BinaryIO, how: "Format") -> "Content":
    import hashlib

    from activities.storage.imports import Content

    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type] # typeshed asks for more than it needs
    return Content(digest.hexdigest(), file.tell(), how)


@contextmanager
def _progress(row: "Import") -> "Iterator[Callable[[Import], None]]":
    """A bar on the terminal; nothing where nobody looks."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from worker.cli.import_report import counted_rows
    from worker.cli.output import console

    out = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("", total=row.size, completed=row.position)

        def told(current: "Import") -> None:
            bar.update(task, completed=current.position, description=counted_rows(current))

        yield told
