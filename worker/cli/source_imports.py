"""`sojourn import --sql`: customers from a database of the client's, now or on a Temporal Schedule."""

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime, timedelta

    from temporalio.client import Client

    from activities.storage.import_sources import Definition
    from activities.storage.tables import ImportSource
    from api.imports.sql_rows import SqlRows
    from worker.settings import Settings

A = TypeVar("A")
B = TypeVar("B")

SPAN = re.compile(r"([1-9][0-9]{0,5})([smhd])", re.ASCII)
UNITS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}  # in seconds, the longest first


@dataclass(frozen=True)
class Asked:
    """What the command line says; empty where it does not.

    Attributes:
        sql: name or URL of the database.
        query: that selects the rows.
        key: its column.
        name: of the source.
        every: from one run to the next, such as 15m.
    """

    sql: str
    query: str
    key: str
    name: str
    every: str


def import_rows(asked: Asked, report: Path | None) -> None:
    """Import the rows of a query, or schedule that. Exits 1 if a row was refused."""
    import asyncio

    from activities.storage.bulk_entry import ImportLostError
    from api.imports.sql_rows import SourceAwayError, SqlRows, UnreadableSourceError
    from worker.cli.errors import FailedError, WrongUseError
    from worker.settings import read_settings

    settings = read_settings(signing=False)
    definition, url = _definition(asked)
    try:
        rows = SqlRows(url, definition.query, definition.key)
        rows.check()
        if definition.every is not None:
            asyncio.run(_schedule(settings, definition, definition.every))
        else:
            report = report or Path(f"{definition.name}.rejected.ndjson")
            raise typer.Exit(asyncio.run(_import(settings, definition, rows, report)))
    except SourceAwayError as error:
        raise FailedError(f"--sql: {error}: {error.detail}") from error
    except UnreadableSourceError as error:
        raise WrongUseError(f"--query: {error.detail}") from error
    except ImportLostError as error:
        raise FailedError(f"another process goes on with the import of {definition.name}") from error


def show() -> None:
    """List what is scheduled."""
    import asyncio

    from rich.table import Table

    from activities.storage import import_sources
    from worker.cli.database import opened
    from worker.cli.output import console
    from worker.settings import read_settings
    from worker.sources.schedules import look_up

    with opened() as database:
        rows = [row for row in database.read_now(import_sources.every_one) if row.every is not None]
    if not rows:
        typer.echo("No imports are scheduled; `sojourn import --sql … --every 15m --name …` does that.")
        return
    plans = asyncio.run(_with_temporal(read_settings(signing=False), look_up, [row.name for row in rows]))
    table = Table("name", "database", "every", "next run", "last run", "rows", "new", "known", "refused")
    for row in rows:
        plan = plans.get(row.name)
        following = "deleted in Temporal" if plan is None else "paused" if plan.paused else _minute(plan.next_at)
        numbers = (f"{each:,}" for each in (row.rows, row.accepted, row.known, row.refused))
        table.add_row(row.name, row.address, _told(row.every or 0), following, _minute(row.finished_at), *numbers)
    console().print(table)


def remove(name: str) -> None:
    """Take a schedule away, and forget how far its rows were read."""
    import asyncio

    from activities.storage import import_sources
    from activities.storage.import_sources import SourceUnknownError
    from worker.cli.database import opened
    from worker.cli.errors import FailedError
    from worker.settings import read_settings
    from worker.sources.schedules import unplan

    settings = read_settings(signing=False)
    with opened() as database:
        try:
            row = database.read_now(lambda session: import_sources.find(session, name))
            if row.every is not None:
                asyncio.run(_with_temporal(settings, unplan, name))
            database.write_now(lambda session: import_sources.forget(session, name))
        except SourceUnknownError as error:
            raise FailedError(f"there is no import {name}") from error
    typer.echo(f"{name} is imported no more. Its customers stay.")


async def _import(settings: "Settings", definition: "Definition", rows: "SqlRows", report: Path) -> int:
    """Import what has come to be since the last run; the exit code."""
    from datetime import UTC, datetime

    from activities.storage import import_sources
    from activities.storage.pacing import paced_until
    from api.imports.source_runs import new_run, run_source
    from worker.cli.database import opened
    from worker.cli.import_report import counts, tell_pace, tell_refused, write_report
    from worker.import_rules import import_rules
    from worker.sources.results import between

    run = new_run()
    with opened() as database:
        rules, now = import_rules(database, settings), datetime.now(UTC)
        before = database.write_now(lambda session: import_sources.defined(session, definition, now))
        with _progress(before) as heard:
            after = await run_source(rules, definition.name, rows, run, heard=heard)
        until = database.read_now(paced_until)
        refused = database.read_now(lambda session: import_sources.refused_rows(session, definition.name, run))
    write_report(report, ({"key": each.key, "errors": each.errors} for each in refused))
    result = between(before, after)
    typer.echo(f"{result.rows:,} new {'row' if result.rows == 1 else 'rows'}: {counts(result)}.")
    tell_pace(until)
    tell_refused(result, "rows", report)
    return 1 if result.refused else 0


@contextmanager
def _progress(before: "ImportSource") -> "Iterator[Callable[[ImportSource], None]]":
    """How far it is, on the terminal; nothing where nobody looks."""
    from worker.cli.import_report import counts
    from worker.cli.output import console
    from worker.sources.results import between

    out = console(stderr=True)
    if not out.is_terminal:
        yield lambda _row: None
        return
    with out.status("") as status:

        def heard(row: "ImportSource") -> None:
            result = between(before, row)
            status.update(f"{result.rows:,} rows, {counts(result)}")

        yield heard


async def _schedule(settings: "Settings", definition: "Definition", every: "timedelta") -> None:
    from datetime import UTC, datetime

    from activities.storage import import_sources
    from worker.cli.database import opened
    from worker.connection import connect
    from worker.dev.folder import temporal_beside
    from worker.payload_keys import data_converter
    from worker.sources.schedules import plan

    client = await connect(data_converter(settings.encryption), otherwise=temporal_beside(settings))
    with opened() as database:
        database.write_now(lambda session: import_sources.defined(session, definition, datetime.now(UTC)))
        new = await plan(client, definition.name, every, settings.task_queue)
    begins = "from now on" if new else "as it was changed now"
    typer.echo(f"{definition.name} is imported every {_told(round(every.total_seconds()))}, {begins}.")


async def _with_temporal(settings: "Settings", work: "Callable[[Client, A], Awaitable[B]]", about: "A") -> "B":
    """Do something that needs Temporal."""
    from worker.connection import connect
    from worker.dev.folder import temporal_beside
    from worker.payload_keys import data_converter

    return await work(await connect(data_converter(settings.encryption), otherwise=temporal_beside(settings)), about)


def _definition(asked: Asked) -> "tuple[Definition, str]":
    """What is to be read, and the URL where.

    Raises:
        WrongUseError: an option is wrong or missing.
        WrongSettingError: the setting with the URL is missing.
    """
    import hashlib

    from activities.storage.import_sources import Definition
    from worker.cli.errors import WrongUseError
    from worker.sources.addresses import NAME, setting_of, url_of

    named = NAME.fullmatch(asked.sql) is not None
    if not asked.query.strip():
        raise WrongUseError("--query is missing: a SELECT whose columns are fields of a registration")
    if asked.name and not NAME.fullmatch(asked.name):
        raise WrongUseError("--name: lower-case letters, digits and hyphens, at most 40, such as crm")
    if asked.every and not named:
        variable = setting_of(asked.name or "crm")
        raise WrongUseError(
            f"--every needs the name of a database, since a schedule keeps no address: put the URL into {variable}, "
            f"here and where the worker runs, and say --sql {asked.name or 'crm'}"
        )
    if asked.every and not asked.name:
        raise WrongUseError("--every needs a --name for the schedule, such as crm")
    url = url_of(asked.sql) if named else asked.sql
    which = hashlib.sha256("\0".join((_without_password(asked.sql), asked.query, asked.key)).encode()).hexdigest()
    name = asked.name or f"query-{which[:12]}"
    return Definition(name, asked.query, asked.key, asked.sql if named else "", _span(asked.every)), url


def _without_password(url: str) -> str:
    """The same for a database whose password was changed."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return url  # a name, or what will be refused


def _span(text: str) -> "timedelta | None":
    from datetime import timedelta

    from worker.cli.errors import WrongUseError

    if not text:
        return None
    found = SPAN.fullmatch(text)
    if found is None:
        raise WrongUseError(f"--every: {text!r} is no span such as 30s, 15m, 6h or 1d")
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def _told(seconds: int) -> str:
    """A span as it may be given."""
    unit = next(name for name, length in UNITS.items() if seconds % length == 0)
    return f"{seconds // UNITS[unit]}{unit}"


def _minute(at: "datetime | None") -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
