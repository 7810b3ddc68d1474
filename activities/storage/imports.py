"""Files of registrations: how far each was read, written in the transaction that takes its lines in.

A file is known by its content. Whoever runs it again after a crash goes on where the last commit stands, and a
file that was read to its end is not read again. Customers and enrollments are unique rows, so even a line read
twice enrolls nobody twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, or_, select

from activities.storage.bulk_entry import LEASE, MOST_KEPT, ImportLostError, take_in
from activities.storage.customers import Registration
from activities.storage.ids import new_id
from activities.storage.intake import Admission
from activities.storage.tables import Import, RefusedLine

Format = Literal["csv", "ndjson"]


@dataclass(frozen=True)
class Content:
    """What a file is known by.

    Attributes:
        sha256: of its bytes, hex.
        size: in bytes.
        format: how it is read.
    """

    sha256: str
    size: int
    format: Format


@dataclass(frozen=True)
class Refusal:
    """A line that cannot be taken.

    Attributes:
        line: its number, from 1.
        errors: what is wrong, ``{"field", "detail"}`` each; no values.
    """

    line: int
    errors: Sequence[dict[str, str]]


@dataclass(frozen=True)
class Chunk:
    """Some lines of a file, read and checked.

    Attributes:
        start: position of its first byte.
        end: position after its last byte.
        lines: how many lines of the file are read with it.
        registrations: by line.
        refusals: lines that are wrong.
        last: whether the file ends here.
    """

    start: int
    end: int
    lines: int
    registrations: Sequence[tuple[int, Registration]] = field(default=())
    refusals: Sequence[Refusal] = field(default=())
    last: bool = False


def opened(session: Session, content: Content, now: datetime) -> Import:
    """The import of a file: the one there is, else a new one.

    Args:
        session: a writing transaction.
        content: of the file.
        now: wall-clock instant, UTC.
    """
    row = session.exec(
        select(Import).where(
            Import.sha256 == content.sha256, Import.size == content.size, Import.format == content.format
        )
    ).first()
    if row is None:
        row = Import(id=new_id("imp"), sha256=content.sha256, size=content.size, format=content.format, created_at=now)
        session.add(row)
        session.flush()
    return row


def waiting(session: Session, now: datetime) -> list[Import]:
    """Imports that nobody is at work on, the oldest first."""
    free = or_(col(Import.lease_until).is_(None), col(Import.lease_until) <= now)
    return list(session.exec(select(Import).where(Import.state != "done", free).order_by(col(Import.created_at))))


def done_among(session: Session, contents: Sequence[str]) -> set[str]:
    """Those of several contents (SHA-256, hex) that were imported to their end, in every format they came in."""
    rows = session.exec(select(Import.sha256, Import.state).where(col(Import.sha256).in_(contents))).all()
    return {content for content, _ in rows} - {content for content, state in rows if state != "done"}


def take(session: Session, import_id: str, owner: str, now: datetime, *, only_free: bool = False) -> Import:
    """Go on with an import; whoever was at it has lost it.

    Args:
        session: a writing transaction.
        import_id: which.
        owner: a name of this run, never used before.
        now: wall-clock instant, UTC.
        only_free: leave it to a process that is at work on it.

    Raises:
        ImportLostError: another process is at work on it, and it was to be left alone.
    """
    row = _locked(session, import_id)
    if row.state == "done":
        return row
    if only_free and row.lease_until is not None and row.lease_until > now:
        raise ImportLostError
    row.state, row.owner, row.lease_until = "running", owner, now + LEASE
    session.add(row)
    return row


def advance(
    session: Session, import_id: str, owner: str, chunk: Chunk, admission: Admission, per_minute: int, now: datetime
) -> Import:
    """Take a chunk of lines in: its customers, their enrollments and how far the file was read, or nothing.

    Args:
        session: a writing transaction.
        import_id: which import.
        owner: the run that has taken it.
        chunk: follows what was read before.
        admission: how customers enter journeys.
        per_minute: how many journeys of imported customers start in a minute.
        now: wall-clock instant, UTC.

    Raises:
        ImportLostError: another process goes on with it.
    """
    row = _locked(session, import_id)
    if row.owner != owner or row.position != chunk.start:
        raise ImportLostError
    taken = take_in(session, chunk.registrations, admission, per_minute, now)
    refusals = [*chunk.refusals, *(Refusal(line, [error]) for line, error in taken.refused)]
    row.accepted += taken.accepted
    row.known += taken.known
    for refusal in sorted(refusals, key=lambda each: each.line)[: max(MOST_KEPT - row.refused, 0)]:
        session.add(RefusedLine(import_id=import_id, line=refusal.line, errors=list(refusal.errors)))
    row.refused += len(refusals)
    row.position, row.lines, row.lease_until = chunk.end, chunk.lines, now + LEASE
    if chunk.last:
        row.state, row.owner, row.lease_until, row.finished_at = "done", "", None, now
    session.add(row)
    return row


def release(session: Session, import_id: str, owner: str) -> None:
    """Leave an import to the next process, which need not wait for the lease."""
    row = _locked(session, import_id)
    if row.owner == owner:
        row.lease_until = None
        session.add(row)


def refused_lines(session: Session, import_id: str, *, after: int = 0, limit: int) -> list[RefusedLine]:
    """Refused lines in the order of the file.

    Args:
        session: any transaction.
        import_id: which import.
        after: a line number; only those behind it.
        limit: how many at most.
    """
    statement = select(RefusedLine).where(RefusedLine.import_id == import_id, RefusedLine.line > after)
    return list(session.exec(statement.order_by(col(RefusedLine.line)).limit(limit)))


def _locked(session: Session, import_id: str) -> Import:
    row = session.get(Import, import_id, with_for_update=True)
    if row is None:
        raise LookupError(f"no import {import_id}")
    return row
