"""`sojourn import`: registrations from a file, into the database directly."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from activities.storage.database import Database
    from activities.storage.imports import Content, Format
    from activities.storage.tables import Import

STDIN = "-"
EXTENSIONS: "dict[str, Format]" = {".csv": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}


def import_file(
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV or NDJSON; - reads stdin.")],
    format_: Annotated[
        Literal["csv", "ndjson"] | None, typer.Option("--format", help="If the name of the file does not tell.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where refused lines go. [default: FILE.rejected.ndjson]")
    ] = None,
) -> None:
    """Register the customers of a file. Their journeys start one after the other, behind those who register live.

    Interrupted, it goes on where it stopped when the same file is imported again. A line that is wrong is named in
    the report and passed over. Exits 1 if there was one.
    """
    import asyncio

    from activities.storage.imports import ImportLostError
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

    import workflows
    from activities.storage import imports
    from activities.storage.intake import Admission
    from activities.storage.pacing import paced_until
    from api.imports.records import records
    from api.imports.running import Rules, run_import
    from worker.assembly import system_clock
    from worker.cli.database import opened
    from worker.settings import read_settings

    settings = read_settings(signing=False)
    content = _content(file, how)
    records(file, how)  # a file that cannot be read leaves no trace
    with opened() as database:
        admission = Admission(
            workflows.catalogue(),
            system_clock(database, settings),
            settings.default_timezone,
            settings.spread.total_seconds(),
        )
        now = datetime.now(UTC)
        row = database.write_now(lambda session: imports.opened(session, content, now))
        if row.state == "done":
            typer.echo(f"{name} was imported before, at {row.finished_at:%Y-%m-%d %H:%M} UTC.")
        else:
            with _progress(row) as told:
                row = await run_import(Rules(database, admission, settings.import_per_minute), row.id, file, told=told)
        until = database.read_now(paced_until)
        _write_report(database, row, report)
    _tell(row, until, report)
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

    from worker.cli.output import console

    out = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("", total=row.size, completed=row.position)

        def told(current: "Import") -> None:
            bar.update(task, completed=current.position, description=f"{current.lines:,} lines, {_counts(current)}")

        yield told


def _write_report(database: "Database", row: "Import", report: Path) -> None:
    """Write the refused lines, one JSON object each; take an older report away where there are none."""
    import json

    from activities.storage import imports

    if not row.refused:
        report.unlink(missing_ok=True)
        return
    lines = database.read_now(lambda session: imports.refused_lines(session, row.id, limit=imports.MOST_KEPT))
    draft = report.with_name(f"{report.name}.part")
    with draft.open("w", encoding="utf-8") as file:
        file.writelines(
            json.dumps({"line": line.line, "errors": line.errors}, ensure_ascii=False) + "\n" for line in lines
        )
    draft.replace(report)


def _tell(row: "Import", until: "datetime | None", report: Path) -> None:
    from datetime import UTC, datetime

    typer.echo(f"{row.lines:,} {'line' if row.lines == 1 else 'lines'}: {_counts(row)}.")
    left = 0 if until is None else (until - datetime.now(UTC)).total_seconds()
    if left > 1:
        typer.echo(
            f"Their journeys start over the next {left / 60:.0f} minutes."
            if left > 90
            else f"Their journeys start over the next {left:.0f} seconds."
        )
    if row.refused:
        from activities.storage.imports import MOST_KEPT

        which = f"The first {MOST_KEPT:,} refused lines" if row.refused > MOST_KEPT else "Refused lines"
        typer.echo(f"{which}, each with what is wrong: {report}")


def _counts(row: "Import") -> str:
    return f"{row.accepted:,} new customers, {row.known:,} known, {row.refused:,} refused"
