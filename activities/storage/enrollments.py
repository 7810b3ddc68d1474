"""Enrollments: who entered which journey, and what support does to one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from activities.clock import JourneyClock
from activities.storage import outbox
from activities.storage.counts import Change, Measure, count
from activities.storage.enrolled import set_hold
from activities.storage.holdout import HELD_OUT, TREATED
from activities.storage.ids import new_id
from activities.storage.tables import Customer, Enrollment

HELD_OUT_OUTCOME = "held out"
JOURNEY_ON_HOLD = "the whole journey is on hold"


class EnrollmentOverError(Exception):
    """The journey has ended, or is about to: there is nothing left to act on."""


def enroll(
    session: Session,
    customer: Customer,
    journey: str,
    *,
    parameters: Mapping[str, Any],
    trigger_type: str,
    trigger_properties: Mapping[str, Any],
    clock: JourneyClock,
    now: datetime,
    entry_key: str = "",
    spread_seconds: float = 0.0,
    enrollment_id: str | None = None,
    bulk_due_at: datetime | None = None,
    arm: str = TREATED,
) -> Enrollment | None:
    """Let a customer into a journey, once an entry key, and ask for the start of its workflow.

    Args:
        session: a writing transaction.
        customer: who.
        journey: its name.
        parameters: all of its parameters as JSON values; the enrollment keeps them.
        trigger_type: the event that let them in.
        trigger_properties: that event's properties.
        clock: the journey clock, copied into the enrollment.
        now: wall-clock instant, UTC.
        entry_key: tells entries apart where a journey may be entered again; empty where it may not.
        spread_seconds: journey seconds over which deferred messages are spread.
        enrollment_id: made up if not given.
        bulk_due_at: wall-clock instant, UTC, at which it may start, for those who come in bulk; they give way to
            the others, who start at once.
        arm: treated; or holdout, which costs no workflow: the enrollment is over as it begins.

    Returns:
        The enrollment, or None if the customer has entered before.
    """
    entered = select(Enrollment.id).where(
        Enrollment.customer_id == customer.id,
        Enrollment.journey == journey,
        Enrollment.entry_key == entry_key,
    )
    if session.exec(entered).first() is not None:
        return None
    enrollment_id = enrollment_id or new_id("enr")
    enrollment = Enrollment(
        id=enrollment_id,
        customer_id=customer.id,
        journey=journey,
        entry_key=entry_key,
        workflow_id=f"{journey}/{enrollment_id}",
        parameters=dict(parameters),
        trigger_type=trigger_type,
        trigger_properties=dict(trigger_properties),
        origin="live" if bulk_due_at is None else "import",
        clock_wall_origin=clock.wall_origin,
        clock_journey_origin=clock.journey_origin,
        clock_speed=clock.speed,
        spread_seconds=spread_seconds,
        enrolled_at=clock.at(now),
        arm=arm,
    )
    if arm == HELD_OUT:
        enrollment.state, enrollment.outcome, enrollment.ended_at = "ended", HELD_OUT_OUTCOME, enrollment.enrolled_at
    session.add(enrollment)
    session.flush()
    count(session, enrollment, [Change(Measure.ENROLLED)])
    if arm == HELD_OUT:
        return enrollment
    priority = outbox.LIVE if bulk_due_at is None else outbox.BULK
    outbox.push(session, enrollment_id, "start", now, due_at=bulk_due_at, priority=priority)
    return enrollment


def of_customer(session: Session, customer: Customer) -> list[Enrollment]:
    """A customer's enrollments, the oldest first."""
    statement = select(Enrollment).where(Enrollment.customer_id == customer.id)
    return list(session.exec(statement.order_by(col(Enrollment.enrolled_at), col(Enrollment.journey))))


def hold(session: Session, enrollment: Enrollment, reason: str, now: datetime) -> None:
    """Hold a journey: the gate obeys from the commit on, the workflow hears of it through the outbox.

    Args:
        session: a writing transaction.
        enrollment: read in it.
        reason: in the words of support.
        now: wall-clock instant, UTC.

    Raises:
        EnrollmentOverError: it has ended or was cancelled.
    """
    _set_hold(session, enrollment, held=True, reason=reason, now=now)


def resume(session: Session, enrollment: Enrollment, reason: str, now: datetime) -> None:
    """Let a held journey go on; what came due meanwhile goes on at once. Arguments as for `hold`."""
    _set_hold(session, enrollment, held=False, reason=reason, now=now)


def hold_all(session: Session, journey: str, now: datetime) -> list[str]:
    """Hold everyone inside a journey; those whom staff hold already keep their own reason.

    Args:
        session: a writing transaction.
        journey: its name.
        now: wall-clock instant, UTC.

    Returns:
        Ids of the enrollments that were put on hold.
    """
    return _each(session, journey, lambda row: not row.held, lambda row: hold(session, row, JOURNEY_ON_HOLD, now))


def release_all(session: Session, journey: str, now: datetime) -> list[str]:
    """Let everyone go on whom `hold_all` held. Arguments and answer as for `hold_all`."""
    return _each(
        session, journey, lambda row: row.hold_reason == JOURNEY_ON_HOLD, lambda row: resume(session, row, "", now)
    )


def _each(
    session: Session, journey: str, chosen: Callable[[Enrollment], bool], act: Callable[[Enrollment], None]
) -> list[str]:
    inside = select(Enrollment).where(
        Enrollment.journey == journey, Enrollment.state != "ended", col(Enrollment.cancel_reason).is_(None)
    )
    rows = [row for row in session.exec(inside.with_for_update()).all() if chosen(row)]
    for row in rows:
        act(row)
    return [row.id for row in rows]


def cancel(session: Session, enrollment: Enrollment, reason: str, now: datetime) -> None:
    """Cancel a journey: the gate lets nothing pass from the commit on. The first reason stands.

    Args:
        session: a writing transaction.
        enrollment: read in it.
        reason: in the words of support.
        now: wall-clock instant, UTC.

    Raises:
        EnrollmentOverError: it has ended.
    """
    if enrollment.state == "ended":
        raise EnrollmentOverError
    if enrollment.cancel_reason is None:
        enrollment.cancel_reason = reason
        session.add(enrollment)
        outbox.push(session, enrollment.id, "cancel", now)


def _set_hold(session: Session, enrollment: Enrollment, *, held: bool, reason: str, now: datetime) -> None:
    if enrollment.state == "ended" or enrollment.cancel_reason is not None:
        raise EnrollmentOverError
    if enrollment.held == held and (not held or enrollment.hold_reason == reason):
        return  # asked twice: nothing new to tell the workflow
    set_hold(session, enrollment, held=held, reason=reason)
    outbox.push(session, enrollment.id, "hold", now)
