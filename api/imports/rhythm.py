"""The rhythm of an import: how many rows a transaction takes in, and how long the database is left alone behind it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Generic, TypeVar

from sqlmodel import Session

from activities.storage.database import Database, DatabaseBusyError
from activities.storage.intake import Admission
from activities.storage.pacing import paced_until
from api.commits import commit

T = TypeVar("T")

FIRST_CHUNK, LARGEST_CHUNK = 5, 50  # rows
CHUNK_SECONDS = 0.1  # what a chunk should take: whoever registers meanwhile waits for it
SHORTEST_PAUSE = 0.03  # seconds; SQLite lets a waiting process look again within 25 ms when it has just begun to wait
LONGEST_PAUSE = 2.0  # seconds; well within the lease of an import
AHEAD = timedelta(minutes=1)  # of the pace: rows that are read earlier would only wait for their turn
UNHURRIED = 4  # times as long as a chunk took
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


class Rhythm:
    """Writes chunk after chunk, so that those who register one by one come in between.

    Chunks are as large as fits into a tenth of a second. After each the database is left alone for as long as it
    took, its wait for others included; four times as long once the journeys that were read wait for a minute's turn.

    Args:
        rules: of the system.

    Attributes:
        size: of the next chunk, in rows.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._pause = SHORTEST_PAUSE
        self.size = FIRST_CHUNK

    async def write(self, chunk: Callable[[Session], T]) -> T:
        """Commit a chunk of `size` rows.

        Raises:
            DatabaseBusyError: the database stayed locked for a minute.
        """
        timed = _Timed(chunk)
        began = monotonic()
        result, until = await patient(self._rules.database, timed)
        took = monotonic() - began
        hurried = until is None or until < self._rules.now() + AHEAD
        self._pause = min(max(took if hurried else took * UNHURRIED, SHORTEST_PAUSE), LONGEST_PAUSE)
        self.size = max(min(int(self.size * CHUNK_SECONDS / timed.seconds), self.size * 2, LARGEST_CHUNK), 1)
        return result

    async def rest(self) -> None:
        """Leave the database to the others."""
        await asyncio.sleep(self._pause)


async def patient(database: Database, transaction: Callable[[Session], T]) -> T:
    """Commit, again for a minute where the database is locked.

    Raises:
        DatabaseBusyError: it stayed locked.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return await commit(database, transaction)
        except DatabaseBusyError:
            await asyncio.sleep(1)
    return await commit(database, transaction)


class _Timed(Generic[T]):
    """A transaction that knows how long it took, without what it waited for others."""

    def __init__(self, transaction: Callable[[Session], T]) -> None:
        self._transaction = transaction
        self.seconds = 0.0

    def __call__(self, session: Session) -> tuple[T, datetime | None]:
        began = monotonic()
        try:
            return self._transaction(session), paced_until(session)
        finally:
            self.seconds = monotonic() - began
