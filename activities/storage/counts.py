"""What is counted: changes are written with what they count, in its transaction, and folded into days later.

Whoever counts adds rows and touches none that another transaction may want, so counting makes nobody wait. A chore
(`fold`) moves them into counts by day and by month; a report adds up all in one statement, so it sees each change once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import insert
from sqlmodel import Session

from activities.storage.tables import CountChange, Enrollment

_INSERT = insert(CountChange)


class Measure(StrEnum):
    """What is counted, and what its `name` and `detail` are."""

    ENROLLED = "enrolled"
    MOVED = "moved"  # from a place (activities/storage/places.py), to a step
    ENDED = "ended"  # from a place, with an outcome
    MESSAGE = "message"  # step, what the gate decided; for good, it is the move to the place behind the message
    REACTION = "reaction"  # step, kind
    CONVERTED = "converted"  # day of the conversion
    MET_AT_ENTRY = "met at entry"
    SPLIT = "split"  # name of the split; the arm is the split's
    SPLIT_MET_BEFORE = "split met before"  # the same, for those whose goal was met before they came to it
    SPLIT_CONVERTED = "split converted"
    VOUCHER = "voucher"  # design, and assigned, redeemed or converted
    ACCOUNTS = "accounts"  # of all times and journeys: the day is that of the change
    COMPLETE = "complete"  # the same for complete ones


@dataclass(frozen=True)
class Change:
    """Something to be counted; `arm` only where it is not the enrollment's own."""

    measure: Measure
    name: str = ""
    detail: str = ""
    number: int = 1
    arm: str | None = None


def count(session: Session, enrollment: Enrollment, changes: Iterable[Change]) -> None:
    """Count what happened to an enrollment, under the day on which it began.

    Args:
        session: the transaction in which it happens.
        enrollment: its row.
        changes: what happened.
    """
    day = entry_day(enrollment)
    _write(session, [(enrollment.journey, day, enrollment.arm if it.arm is None else it.arm, it) for it in changes])


def count_accounts(session: Session, measure: Measure, journey: str, at: datetime, number: int) -> None:
    """Count accounts that came or went.

    Args:
        session: the transaction in which they do.
        measure: all, or those complete in the sense of a journey.
        journey: its name; empty for all accounts.
        at: journey instant, UTC.
        number: how many came; negative for those that went.
    """
    _write(session, [(journey, at.date(), "", Change(measure, number=number))])


def entry_day(enrollment: Enrollment) -> date:
    """The day on which an enrollment began: UTC, journey clock."""
    return enrollment.enrolled_at.date()


def _write(session: Session, changes: Iterable[tuple[str, date, str, Change]]) -> None:
    rows = [
        {
            "journey": journey,
            "measure": change.measure.value,
            "day": day,
            "arm": arm,
            "name": change.name,
            "detail": change.detail,
            "number": change.number,
        }
        for journey, day, arm, change in changes
    ]
    if rows:
        session.connection().execute(_INSERT, rows)
