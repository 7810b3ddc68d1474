"""Databases of the client's whose rows become customers: how far each was read, written with what was read.

The key of the last row is stored in the transaction that takes the row in. Whoever reads on, after a crash or a
quarter of an hour later, begins behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from activities.storage.bulk_entry import LEASE, MOST_KEPT, ImportLostError, take_in
from activities.storage.customers import Registration
from activities.storage.intake import Admission
from activities.storage.tables import ImportSource, RefusedRow

Cursor = list[str]
"""The type and the value of a key, as text."""


class SourceUnknownError(Exception):
    """There is no source of this name."""


@dataclass(frozen=True)
class Definition:
    """What is read.

    Attributes:
        name: of the source.
        query: a SELECT in the client's database.
        key: the column that tells rows apart, and in whose order they are read.
        address: name of the setting that has the database's URL; empty where it is given for each run.
        every: between two scheduled runs; None where nothing is scheduled.
    """

    name: str
    query: str
    key: str
    address: str = ""
    every: timedelta | None = None


@dataclass(frozen=True)
class RefusedKey:
    """A row that cannot be taken: its key, and what is wrong, ``{"field", "detail"}`` each; no other values."""

    key: str
    errors: Sequence[dict[str, str]]


@dataclass(frozen=True)
class Rows:
    """Some rows, read and checked.

    Attributes:
        before: key of the row that was read last before them; None for the first rows of all.
        after: key of the last of them.
        registrations: by key.
        refusals: rows that are wrong.
        last: whether the query gives no more now.
    """

    before: Cursor | None
    after: Cursor | None
    registrations: Sequence[tuple[str, Registration]] = field(default=())
    refusals: Sequence[RefusedKey] = field(default=())
    last: bool = False


def find(session: Session, name: str) -> ImportSource:
    """A source.

    Raises:
        SourceUnknownError: there is none of this name.
    """
    row = session.get(ImportSource, name)
    if row is None:
        raise SourceUnknownError(name)
    return row


def every_one(session: Session) -> list[ImportSource]:
    """All sources, by name."""
    return list(session.exec(select(ImportSource).order_by(col(ImportSource.name))))


def defined(session: Session, definition: Definition, now: datetime) -> ImportSource:
    """Store what is read; a run that is at work on something else has lost it.

    Reading goes on where it stopped, with another query, too; from the beginning where the key is another one.

    Args:
        session: a writing transaction.
        definition: checked.
        now: wall-clock instant, UTC.
    """
    row = session.get(ImportSource, definition.name, with_for_update=True)
    if row is None:
        row = ImportSource(name=definition.name, query=definition.query, key=definition.key, created_at=now)
    if row.key != definition.key:
        row.key, row.cursor = definition.key, None
    if row.query != definition.query:
        row.query, row.owner = definition.query, ""
    if definition.address:  # a run with an address of its own leaves the scheduled ones theirs
        row.address = definition.address
    if definition.every is not None:
        row.every = round(definition.every.total_seconds())
    session.add(row)
    return row


def take(session: Session, name: str, owner: str, now: datetime, *, only_free: bool = False) -> ImportSource:
    """Go on with a source; whoever was at it has lost it.

    Args:
        session: a writing transaction.
        name: of the source.
        owner: a name of this run, never used before.
        now: wall-clock instant, UTC.
        only_free: leave it to a process that is at work on it.

    Raises:
        SourceUnknownError: there is none of this name.
        ImportLostError: another process is at work on it, and it was to be left alone.
    """
    row = session.get(ImportSource, name, with_for_update=True)
    if row is None:
        raise SourceUnknownError(name)
    if only_free and row.owner and row.lease_until is not None and row.lease_until > now:
        raise ImportLostError
    row.owner, row.lease_until = owner, now + LEASE
    session.add(row)
    return row


def advance(
    session: Session, name: str, owner: str, rows: Rows, admission: Admission, per_minute: int, now: datetime
) -> ImportSource:
    """Take rows in: their customers, enrollments and the key of the last one, or nothing.

    Args:
        session: a writing transaction.
        name: of the source.
        owner: the run that has taken it.
        rows: follow what was read before.
        admission: how customers enter journeys.
        per_minute: how many journeys of imported customers start in a minute.
        now: wall-clock instant, UTC.

    Raises:
        ImportLostError: another process goes on with it, or it was removed.
    """
    row = _mine(session, name, owner)
    if row is None or row.cursor != rows.before:
        raise ImportLostError
    taken = take_in(session, rows.registrations, admission, per_minute, now)
    refusals = [*rows.refusals, *(RefusedKey(key, [error]) for key, error in taken.refused)]
    for refusal in refusals[: max(MOST_KEPT - row.refused, 0)]:
        session.add(RefusedRow(source=name, key=refusal.key, run=owner, errors=list(refusal.errors)))
    row.accepted += taken.accepted
    row.known += taken.known
    row.refused += len(refusals)
    row.rows += len(rows.registrations) + len(rows.refusals)
    row.cursor, row.lease_until = rows.after, now + LEASE
    if rows.last:
        row.owner, row.lease_until, row.finished_at = "", None, now
    session.add(row)
    return row


def release(session: Session, name: str, owner: str) -> None:
    """Leave a source to the next run, which need not wait for the lease."""
    row = _mine(session, name, owner)
    if row is not None:
        row.owner, row.lease_until = "", None
        session.add(row)


def forget(session: Session, name: str) -> None:
    """Remove a source and what was refused of it; its customers stay.

    Raises:
        SourceUnknownError: there is none of this name.
    """
    row = find(session, name)
    session.exec(delete(RefusedRow).where(col(RefusedRow.source) == name))
    session.delete(row)


def refused_rows(session: Session, name: str, run: str) -> list[RefusedRow]:
    """What a run has refused."""
    statement = select(RefusedRow).where(RefusedRow.source == name, RefusedRow.run == run)
    return list(session.exec(statement.order_by(col(RefusedRow.key))))


def _mine(session: Session, name: str, owner: str) -> ImportSource | None:
    row = session.get(ImportSource, name, with_for_update=True)
    return row if row is not None and row.owner == owner else None
