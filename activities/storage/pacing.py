"""The pace of those who come in bulk: moments at which their journeys may start, one after the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlmodel import Session

from activities.storage.tables import Pace

IMPORTS = "imports"


@contextmanager
def paced(session: Session, per_minute: int, now: datetime) -> Iterator[Callable[[], datetime]]:
    """Hand out moments at which a journey may start; they follow those that other imports were given.

    On PostgreSQL imports that run at once take turns here; SQLite admits one writer anyway.

    Args:
        session: a writing transaction; what was handed out counts with its commit.
        per_minute: moments a minute, the same for all imports.
        now: wall-clock instant, UTC; the first moment is not before it.

    Yields:
        A function that gives the next moment, wall clock, UTC.
    """
    row = session.get(Pace, IMPORTS, with_for_update=True)
    if row is None:
        row = Pace(name=IMPORTS, next_at=now)
        session.add(row)
        session.flush()
    gap = timedelta(minutes=1) / per_minute
    following = max(row.next_at, now)

    def take() -> datetime:
        nonlocal following
        taken = following
        following += gap
        return taken

    yield take
    row.next_at = following
    session.add(row)


def paced_until(session: Session) -> datetime | None:
    """When the last moment that was handed out comes, wall clock, UTC; None before the first import."""
    row = session.get(Pace, IMPORTS)
    return None if row is None else row.next_at
