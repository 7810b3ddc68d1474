"""One run of a source: the rows that came to be since the last one, chunk after chunk."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice

from sqlmodel import Session

from activities.storage import import_sources
from activities.storage.customers import Registration
from activities.storage.ids import new_id
from activities.storage.import_sources import Cursor, RefusedKey, Rows
from activities.storage.tables import ImportSource
from api.commits import commit
from api.errors import ApiError
from api.imports.chunks import registration_of, told
from api.imports.columns import document
from api.imports.rhythm import Rhythm, Rules, patient
from api.imports.sql_rows import Row, SqlRows


def new_run() -> str:
    """A name for a run."""
    return new_id("run")


async def run_source(
    rules: Rules,
    name: str,
    rows: SqlRows,
    run: str,
    *,
    only_free: bool = False,
    heard: Callable[[ImportSource], None] = lambda _row: None,
    stopped: Callable[[], bool] = lambda: False,
) -> ImportSource:
    """Read a source from where the last run stopped to its end; behind the last commit, if it was interrupted.

    Args:
        rules: of the system.
        name: of the source.
        rows: of its query; checked.
        run: a name of this run, never used before.
        only_free: leave it to a process that is at work on it.
        heard: hears how far it has come, after each commit.
        stopped: asked between two chunks; True ends the run, and another one may go on at once.

    Raises:
        SourceUnknownError: there is no such source.
        SourceAwayError: its database does not answer.
        UnreadableSourceError: its rows cannot be imported.
        ImportLostError: another process goes on with it.
        DatabaseBusyError: our database stayed locked for a minute.
    """
    row = await patient(
        rules.database, partial(import_sources.take, name=name, owner=run, now=rules.now(), only_free=only_free)
    )
    heard(row)
    reader, rhythm = _Reader(rows, row.cursor), Rhythm(rules)
    try:
        while not stopped():
            chunk = await asyncio.to_thread(reader.read, rhythm.size, rules.now())
            row = await rhythm.write(partial(_advance, rules, name, run, chunk))
            heard(row)
            if chunk.last:
                break
            await rhythm.rest()
    finally:
        await commit(rules.database, partial(import_sources.release, name=name, owner=run))
    return row


class _Reader:
    """Reads and checks chunk by chunk."""

    def __init__(self, rows: SqlRows, cursor: Cursor | None) -> None:
        self._left: Iterator[Row] = rows.after(cursor)
        self._cursor = cursor

    def read(self, size: int, now: datetime) -> Rows:
        """The next rows; the chunk that is marked as the last ends the run."""
        before = self._cursor
        registrations: list[tuple[str, Registration]] = []
        refusals: list[RefusedKey] = []
        for row in islice(self._left, size):
            self._cursor = row.cursor
            try:
                registrations.append((row.cursor[1], registration_of(document(row.cells), now)))
            except ApiError as error:
                refusals.append(RefusedKey(row.cursor[1], told(error)))
        last = len(registrations) + len(refusals) < size
        return Rows(before, self._cursor, registrations, refusals, last)


def _advance(rules: Rules, name: str, run: str, rows: Rows, session: Session) -> ImportSource:
    return import_sources.advance(session, name, run, rows, rules.admission, rules.per_minute, rules.now())
