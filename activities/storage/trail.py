"""Writing the timeline: entries are numbered by the workflow, so writing one twice changes nothing."""

from collections.abc import Iterable

from sqlmodel import Session

from activities.storage.tables import Enrollment, TimelineEntry
from activities.timeline import Entry


def keep(session: Session, enrollment: Enrollment, entries: Iterable[Entry]) -> None:
    """Write the entries that are not there yet, and note where the customer stands.

    Args:
        session: a writing transaction.
        enrollment: its row, locked.
        entries: in their order.
    """
    for entry in entries:
        if entry.seq <= enrollment.last_seq:
            continue
        session.add(
            TimelineEntry(
                enrollment_id=enrollment.id,
                seq=entry.seq,
                at=entry.at,
                kind=entry.kind,
                step=entry.step,
                data=entry.data,
            )
        )
        enrollment.last_seq = entry.seq
        enrollment.step = entry.step
    session.add(enrollment)
