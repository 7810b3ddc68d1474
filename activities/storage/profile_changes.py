"""Changes that journeys make to profiles: the storage side of the contract in `activities/profile_changes.py`."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session, select

from activities.channels import Channel
from activities.moments import Moment
from activities.profile_changes import ChangeAnswer, IncreaseOrder, OptOutOrder
from activities.storage import consents, intake, trail
from activities.storage.database import Database
from activities.storage.enrolled import clock_of, closed_for, locked
from activities.storage.facts import Reachability
from activities.storage.ids import new_id
from activities.storage.intake import Admission, Enrollable
from activities.storage.tables import Customer, Enrollment, ProfileIncrease
from activities.timeline import Entry

NOT_A_NUMBER = "not a number"

Change = Callable[[Session, Enrollment, Customer, datetime], str]


class DatabaseProfileChanges:
    """Changes profiles in our own database.

    Args:
        database: where they are.
        reachability: tells the facts that come with each answer.
        journeys: by name; they hear of the changes.
    """

    def __init__(self, database: Database, reachability: Reachability, journeys: Mapping[str, Enrollable]) -> None:
        self._database = database
        self._reachability = reachability
        self._journeys = journeys

    async def increase(self, order: IncreaseOrder, moment: Moment) -> ChangeAnswer:
        """Let a number grow, once a visit of a step, and tell the customer's journeys."""

        def change(session: Session, enrollment: Enrollment, customer: Customer, wall: datetime) -> str:
            return self._increase(session, order, enrollment, customer, wall)

        return await self._change(order, moment, change)

    async def opt_out(self, order: OptOutOrder, moment: Moment) -> ChangeAnswer:
        """Withdraw consent for every channel and tell the customer's journeys."""

        def change(session: Session, enrollment: Enrollment, customer: Customer, wall: datetime) -> str:
            consents.withdraw(
                session,
                customer,
                Channel,
                source=order.source,
                event_source="system",
                admission=self._admission(enrollment, customer),
                now=wall,
            )
            at = clock_of(enrollment).at(wall)
            entry = Entry(order.seq, at, "event", order.step, {"type": consents.CONSENT_WITHDRAWN})
            trail.keep(session, enrollment, [entry])
            return ""

        return await self._change(order, moment, change)

    async def _change(self, order: IncreaseOrder | OptOutOrder, moment: Moment, change: Change) -> ChangeAnswer:
        def transaction(session: Session) -> ChangeAnswer:
            enrollment, customer = locked(session, order.enrollment_id)
            trail.keep(session, enrollment, order.trail)
            closed = closed_for(enrollment, customer)
            if closed is not None:
                facts = self._reachability.facts(session, customer)
                return ChangeAnswer(facts, refused=closed[0], ends=True)
            refused = change(session, enrollment, customer, moment())
            return ChangeAnswer(self._reachability.facts(session, customer), refused)

        return await self._database.write(transaction)

    def _increase(
        self, session: Session, order: IncreaseOrder, enrollment: Enrollment, customer: Customer, wall: datetime
    ) -> str:
        """The customer's row is locked, so nothing can come between the reading and the writing."""
        applied = session.exec(
            select(ProfileIncrease).where(
                ProfileIncrease.enrollment_id == enrollment.id,
                ProfileIncrease.step == order.step,
                ProfileIncrease.visit == order.visit,
            )
        ).first()
        if applied is not None:
            return ""
        before = customer.attributes.get(order.field, 0)
        if isinstance(before, bool) or not isinstance(before, int | float):
            return NOT_A_NUMBER
        value, at = before + order.increase, clock_of(enrollment).at(wall)
        session.add(
            ProfileIncrease(
                id=new_id("inc"),
                customer_id=customer.id,
                enrollment_id=enrollment.id,
                step=order.step,
                visit=order.visit,
                field=order.field,
                amount=order.increase,
                applied_at=at,
            )
        )
        customer.attributes = {**customer.attributes, order.field: value}
        session.add(customer)
        trail.keep(
            session,
            enrollment,
            [Entry(order.seq, at, "profile", order.step, {"field": order.field, "value": value})],
        )
        intake.profile_updated(session, customer, [order.field], self._admission(enrollment, customer), wall)
        session.flush()
        return ""

    def _admission(self, enrollment: Enrollment, customer: Customer) -> Admission:
        return Admission(self._journeys, clock_of(enrollment), customer.timezone, enrollment.spread_seconds)
