"""Finding the enrollment a workflow speaks of, and what its clock says."""

from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from activities.clock import JourneyClock
from activities.facts import Hold
from activities.storage import trail
from activities.storage.passage import END
from activities.storage.tables import Customer, Enrollment
from activities.timeline import Entry

# One statement locks both, in the order in which it names the tables. Built once: it opens every transaction.
_LOCKED = (
    select(Customer, Enrollment)
    .join(Enrollment)
    .where(col(Enrollment.id) == bindparam("enrollment_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def locked(session: Session, enrollment_id: str) -> tuple[Enrollment, Customer]:
    """An enrollment and its customer; both rows stay as they are until the transaction ends.

    The customer is locked first, as an opt-out does, so that no message passes the gate after its commit.

    Raises:
        LookupError: there is no such enrollment.
    """
    found = session.exec(_LOCKED, params={"enrollment_id": enrollment_id}).first()
    if found is None:
        raise LookupError(f"no enrollment {enrollment_id}")
    customer, enrollment = found
    return enrollment, customer


def clock_of(enrollment: Enrollment) -> JourneyClock:
    """The clock that the enrollment was given when it began."""
    return JourneyClock(enrollment.clock_wall_origin, enrollment.clock_journey_origin, enrollment.clock_speed)


def hold_of(enrollment: Enrollment) -> Hold:
    """Whether staff hold it, as a snapshot."""
    return Hold(enrollment.hold_version, enrollment.held, enrollment.hold_reason)


def set_hold(session: Session, enrollment: Enrollment, *, held: bool, reason: str) -> Hold:
    """Hold or resume; every change is a new version, so that late news cannot undo it."""
    enrollment.held = held
    enrollment.hold_reason = reason if held else ""
    enrollment.hold_version += 1
    session.add(enrollment)
    return hold_of(enrollment)


def closed_for(enrollment: Enrollment, customer: Customer) -> tuple[str, str] | None:
    """Why nothing may happen any more, with what there is to add; None while it goes on."""
    if customer.erased_at is not None:
        return "erased", ""
    if enrollment.cancel_reason is not None:
        return "cancelled", enrollment.cancel_reason
    if enrollment.state == "ended":
        return enrollment.outcome or "ended", enrollment.reason or ""
    return None


def end(session: Session, enrollment: Enrollment, outcome: str, reason: str, at: datetime) -> bool:
    """Settle an enrollment, once.

    Args:
        session: a writing transaction.
        enrollment: its row, locked.
        outcome: which end.
        reason: what there is to add.
        at: journey instant.

    Returns:
        False if it had ended before; the first record stands.
    """
    if enrollment.state == "ended":
        return False
    if enrollment.step != END:  # of a journey that ended by itself the line is there
        entry = Entry(enrollment.last_seq + 1, at, "outcome", END, {"outcome": outcome, "reason": reason})
        trail.keep(session, enrollment, [entry])
    enrollment.state = "ended"
    enrollment.outcome = outcome
    enrollment.reason = reason
    enrollment.ended_at = at
    session.add(enrollment)
    return True
