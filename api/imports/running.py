"""One run of an import: chunk after chunk, each in a short transaction of its own."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import BinaryIO, TypeVar

from sqlmodel import Session

from activities.storage import imports
from activities.storage.database import Database, DatabaseBusyError
from activities.storage.ids import new_id
from activities.storage.imports import Chunk
from activities.storage.intake import Admission
from activities.storage.tables import Import
from api.imports.chunks import ChunkReader
from api.imports.records import records
from api.transactions import commit

T = TypeVar("T")

SMALLEST_CHUNK, LARGEST_CHUNK = 5, 50  # rows; smaller ones would spend their time waiting for the database
CHUNK_SECONDS = 0.1  # what a chunk should take: whoever registers meanwhile waits for it
SHORTEST_PAUSE = 0.03  # seconds; SQLite lets a waiting process look again within 25 ms when it has just begun to wait
ATTEMPTS = 6  # at a database that somebody else keeps locked


@dataclass(frozen=True)
class Rules:
    """What all imports of a system have in common.

    Attributes:
        database: ours.
        admission: how customers enter journeys.
        per_minute: how many journeys of imported customers start in a minute.
        now: wall clock, UTC.
    """

    database: Database
    admission: Admission
    per_minute: int
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


async def run_import(
    rules: Rules,
    import_id: str,
    file: BinaryIO,
    *,
    only_free: bool = False,
    told: Callable[[Import], None] = lambda _row: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Import:
    """Go on with an import to its end. Where it is interrupted, another run goes on behind the last commit.

    Chunks are as large as fits into a tenth of a second, and after each the database is left alone for as long as
    it took, so that those who register one by one come in between.

    Args:
        rules: of the system.
        import_id: stored; see `imports.opened`.
        file: binary, seekable; with the content of the import.
        only_free: leave it to a process that is at work on it.
        told: hears how far it has come, after each commit.
        stopped: asked between two chunks; True ends the run, and another one may go on at once.

    Raises:
        UnreadableFileError: the file is empty, or its columns are unknown.
        ImportLostError: another process goes on with it.
        DatabaseBusyError: the database stayed locked for a minute.
    """
    owner = new_id("run")
    take = partial(imports.take, import_id=import_id, owner=owner, now=rules.now(), only_free=only_free)
    row = await _patient(rules, take)
    if row.state == "done":
        return row
    told(row)
    found = await asyncio.to_thread(records, file, row.format, row.position, row.lines)  # type: ignore[arg-type] # stored as one of its two values
    reader = ChunkReader(found, row.position)
    size = SMALLEST_CHUNK
    while row.state != "done":
        if stopped():
            await commit(rules.database, partial(imports.release, import_id=import_id, owner=owner))
            return row
        chunk = await asyncio.to_thread(reader.read, size, rules.now())
        timed = _Timed(partial(_advance, rules, import_id, owner, chunk))
        row = await _patient(rules, timed)
        told(row)
        fitting = int(size * CHUNK_SECONDS / timed.seconds)
        size = max(min(fitting, size * 2, LARGEST_CHUNK), SMALLEST_CHUNK)
        await asyncio.sleep(max(timed.seconds, SHORTEST_PAUSE))
    return row


def _advance(rules: Rules, import_id: str, owner: str, chunk: Chunk, session: Session) -> Import:
    return imports.advance(session, import_id, owner, chunk, rules.admission, rules.per_minute, rules.now())


class _Timed:
    """A transaction that knows how long it took, without what it waited for others."""

    def __init__(self, transaction: Callable[[Session], Import]) -> None:
        self._transaction = transaction
        self.seconds = 0.0

    def __call__(self, session: Session) -> Import:
        began = monotonic()
        try:
            return self._transaction(session)
        finally:
            self.seconds = monotonic() - began


async def _patient(rules: Rules, transaction: Callable[[Session], T]) -> T:
    for _ in range(ATTEMPTS - 1):
        try:
            return await commit(rules.database, transaction)
        except DatabaseBusyError:
            await asyncio.sleep(1)
    return await commit(rules.database, transaction)
