"""Who is inside a journey: the people at a step, and those whose message waits for another moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from activities.storage.passage import START
from activities.storage.provider_states import WAITING
from activities.storage.tables import Customer, Enrollment, Message
from activities.storage.tables.journeys import IS_INSIDE

INSIDE = ("starting", "running")


@dataclass(frozen=True)
class Person:
    """Somebody at a step.

    Attributes:
        enrollment_id: ours.
        customer_id: ours.
        name: as they are addressed; empty where nothing is known.
        timezone: IANA name, the customer's.
        step: where they stand, as recorded.
        entered_at: journey instant, UTC.
        held: whether staff hold them.
        hold_reason: why.
    """

    enrollment_id: str
    customer_id: str
    name: str
    timezone: str
    step: str
    entered_at: datetime
    held: bool
    hold_reason: str


def people_at(
    session: Session, journey: str, steps: Collection[str], *, after: str = "", limit: int = 50
) -> list[Person]:
    """Who stands at a step now, by the id of their enrollment.

    Args:
        session: any transaction.
        journey: its name.
        steps: the names under which the step is recorded; ``start`` for those who have not come to any.
        after: only enrollments with a larger id: the next page.
        limit: how many at most.
    """
    named = [step for step in steps if step != START] + ([""] if START in steps else [])
    # As the index on those inside has it; its ids alone are sorted, where several steps are one place.
    standing = (
        select(Enrollment.id)
        .where(
            Enrollment.journey == journey,
            IS_INSIDE,
            col(Enrollment.step).in_(named),
            col(Enrollment.id) > after,
        )
        .order_by(col(Enrollment.id))
        .limit(limit)
    )
    found = (
        select(Enrollment, Customer)
        .join(Customer, col(Customer.id) == Enrollment.customer_id)
        .where(col(Enrollment.id).in_(session.exec(standing).all()))
        .order_by(col(Enrollment.id))
    )
    return [
        Person(
            row.id,
            customer.id,
            " ".join(part for part in (customer.first_name, customer.last_name) if part),
            customer.timezone,
            row.step or START,
            row.enrolled_at,
            row.held,
            row.hold_reason,
        )
        for row, customer in session.exec(found)
    ]


def put_off(session: Session, journey: str) -> dict[tuple[str, str], int]:
    """How many messages wait for another moment, by the step where the customer stands and by the reason.

    Args:
        session: any transaction.
        journey: its name.
    """
    rows = session.exec(
        select(Enrollment.step, Message.put_off_for, func.count())
        .join(Message, col(Message.enrollment_id) == Enrollment.id)
        .where(
            col(Message.state).in_(WAITING),
            Message.put_off_for != "",
            Enrollment.journey == journey,
            col(Enrollment.state).in_(INSIDE),
        )
        .group_by(col(Enrollment.step), col(Message.put_off_for))
    )
    return {(step, reason): number for step, reason, number in rows}
