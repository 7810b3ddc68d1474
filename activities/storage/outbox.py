"""The outbox: what Temporal must hear of, written in the transaction that made it true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, select

from activities.storage.tables import OutboxItem

Kind = Literal["start", "facts", "hold", "event", "cancel"]

LEASE = timedelta(seconds=15)  # a relay that died holds its items no longer than this
LIVE, BULK = 3, 5  # priorities, as Temporal counts them: the lower number goes first
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)  # whatever was away is back for everybody within a minute (guarantees I11)


@dataclass(frozen=True)
class Claimed:
    """An item a relay has taken on, until its lease runs out."""

    id: int
    enrollment_id: str
    kind: str
    revision: int
    attempts: int
    payload: Mapping[str, Any] = field(default_factory=dict)


def push(
    session: Session,
    enrollment_id: str,
    kind: Kind,
    now: datetime,
    *,
    subject: str = "",
    payload: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
    priority: int = LIVE,
) -> None:
    """Put something into the outbox; a pending item of the same kind stands for the new one, too.

    Args:
        session: the transaction in which it became true.
        enrollment_id: whose workflow must hear of it.
        kind: start, facts, hold or cancel; what exactly is read when it is delivered.
        now: wall-clock instant, UTC.
        subject: tells items of one kind apart where each must be delivered, as events must.
        payload: what is delivered where it is no snapshot; nothing personal.
        due_at: wall-clock instant, UTC, before which it stays here; now if not given.
        priority: `LIVE`, or `BULK` for what gives way to it.
    """
    pending = session.exec(
        select(OutboxItem).where(
            OutboxItem.enrollment_id == enrollment_id, OutboxItem.kind == kind, OutboxItem.subject == subject
        )
    ).first()
    if pending is None:
        session.add(
            OutboxItem(
                enrollment_id=enrollment_id,
                kind=kind,
                subject=subject,
                payload=dict(payload or {}),
                created_at=now,
                due_at=due_at or now,
                priority=priority,
            )
        )
        return
    if kind == "start":
        return  # it is on its way, or waits for its turn among those who came in bulk
    pending.revision += 1
    pending.due_at = now
    session.add(pending)


def hurry(session: Session, enrollment_ids: Sequence[str], now: datetime) -> None:
    """Start those at once who wait for their turn among those who came in bulk.

    Args:
        session: a writing transaction.
        enrollment_ids: whose start may wait.
        now: wall-clock instant, UTC.
    """
    waiting = select(OutboxItem).where(
        col(OutboxItem.enrollment_id).in_(enrollment_ids), OutboxItem.kind == "start", OutboxItem.priority >= BULK
    )
    for item in session.exec(waiting).all():
        item.priority, item.due_at = LIVE, min(item.due_at, now)
        session.add(item)


def is_due(session: Session, now: datetime, *, bulk: bool = True) -> bool:
    """Whether anything is due; a cheap look that takes no lock.

    Args:
        session: any transaction.
        now: wall-clock instant, UTC.
        bulk: whether what came in bulk counts.
    """
    due = select(OutboxItem.id).where(OutboxItem.due_at <= now)
    if not bulk:
        due = due.where(OutboxItem.priority < BULK)
    return session.exec(due.limit(1)).first() is not None


def claim(session: Session, now: datetime, *, limit: int, bulk_limit: int | None = None) -> list[Claimed]:
    """Take on what is due: of each enrollment the oldest item only, so that a start precedes its signals.

    What came in bulk follows what is live.

    Args:
        session: a writing transaction.
        now: wall-clock instant, UTC.
        limit: how many at most.
        bulk_limit: how many of them at most may have come in bulk; as many as there is room for, if not given.
    """
    claimed = _claim(session, now, col(OutboxItem.priority) < BULK, limit)
    room = limit - len(claimed)
    return claimed + _claim(
        session, now, col(OutboxItem.priority) >= BULK, room if bulk_limit is None else min(room, bulk_limit)
    )


def _claim(session: Session, now: datetime, which: ColumnElement[bool], limit: int) -> list[Claimed]:
    if limit <= 0:
        return []
    older = aliased(OutboxItem)
    # Items that wait for an older one must not fill the batch, or they would keep out what can go.
    waits = exists().where(col(older.enrollment_id) == OutboxItem.enrollment_id, col(older.id) < OutboxItem.id)
    statement = (
        select(OutboxItem)
        .where(OutboxItem.due_at <= now, which, ~waits)
        .order_by(col(OutboxItem.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = []
    for item in session.exec(statement).all():
        item.due_at = now + LEASE
        item.attempts += 1
        session.add(item)
        assert item.id is not None  # noqa: S101 - for mypy; stored rows have one
        claimed.append(Claimed(item.id, item.enrollment_id, item.kind, item.revision, item.attempts, item.payload))
    return claimed


def settle(session: Session, item: Claimed, now: datetime) -> bool:
    """Take a delivered item out, unless it was asked for again meanwhile; then it stays due.

    Returns:
        Whether it is gone.
    """
    row = session.get(OutboxItem, item.id, with_for_update=True)
    if row is None:
        return True
    if row.revision == item.revision:
        session.delete(row)
        return True
    row.due_at = now
    session.add(row)
    return False


def postpone(session: Session, item: Claimed, now: datetime, error: str) -> None:
    """Try an item again later: after one second, then twice as long each time, half a minute at the most."""
    row = session.get(OutboxItem, item.id)
    if row is None:
        return
    row.due_at = now + min(FIRST_PAUSE * 2 ** min(item.attempts - 1, 10), LONGEST_PAUSE)
    row.error = error[:200]
    session.add(row)
