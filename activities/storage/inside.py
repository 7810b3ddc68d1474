"""Who is inside a journey: the people at a step, and those whose message waits for another moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select as columns
from sqlalchemy import union_all
from sqlmodel import Session, col, func, select

from activities.storage.passage import START
from activities.storage.places import AS_RECORDED, Course, shown_at, shown_together
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
        step: where they are shown.
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
    session: Session,
    journey: str,
    steps: Collection[str],
    *,
    course: Course = AS_RECORDED,
    after: str = "",
    limit: int = 50,
) -> list[Person]:
    """Who stands at a step now, by the id of their enrollment.

    Args:
        session: any transaction.
        journey: its name.
        steps: the names under which the step is recorded; ``start`` for those who have not come to any.
        course: of the journey, from its code.
        after: only enrollments with a larger id: the next page.
        limit: how many at most.
    """
    # As the index on those inside has it: of each place no more are read than a page shows.
    each_place = [
        select(Enrollment.id)
        .where(
            Enrollment.journey == journey,
            IS_INSIDE,
            Enrollment.step == ("" if step == START else step),
            Enrollment.decided == result,
            col(Enrollment.id) > after,
        )
        .order_by(col(Enrollment.id))
        .limit(limit)
        .subquery()
        for step, result in shown_together(steps, course)
    ]
    standing = union_all(*(columns(place.c.id) for place in each_place)).order_by("id").limit(limit)
    ids = list(session.connection().execute(standing).scalars())
    found = (
        select(Enrollment, Customer)
        .join(Customer, col(Customer.id) == Enrollment.customer_id)
        .where(col(Enrollment.id).in_(ids))
        .order_by(col(Enrollment.id))
    )
    return [
        Person(
            row.id,
            customer.id,
            " ".join(part for part in (customer.first_name, customer.last_name) if part),
            customer.timezone,
            shown_at(row.step or START, row.decided, course),
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
