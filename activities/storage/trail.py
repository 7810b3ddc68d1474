"""Writing the timeline: entries are numbered by the workflow, so writing one twice changes nothing."""

from collections.abc import Iterable

from sqlalchemy import insert
from sqlmodel import Session

from activities.storage import passage
from activities.storage.tables import Enrollment, TimelineEntry
from activities.timeline import Entry

_INSERT = insert(TimelineEntry)  # rows that nobody changes need no unit of work: it would cost more than they do


def keep(session: Session, enrollment: Enrollment, entries: Iterable[Entry]) -> None:
    """Write the entries that are not there yet, and note where the customer stands.

    Args:
        session: a writing transaction.
        enrollment: its row, locked.
        entries: in their order.
    """
    fresh = [entry for entry in entries if entry.seq > enrollment.last_seq]
    if not fresh:
        return
    session.connection().execute(
        _INSERT,
        [
            {
                "enrollment_id": enrollment.id,
                "seq": entry.seq,
                "at": entry.at,
                "kind": entry.kind,
                "step": entry.step,
                "data": entry.data,
            }
            for entry in fresh
        ],
    )
    enrollment.last_seq = fresh[-1].seq
    enrollment.step, enrollment.decided = passage.follow(session, enrollment, fresh)
    session.add(enrollment)
