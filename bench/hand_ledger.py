"""The writes of the gate and of the final record, done by hand for the opponent that has a ledger, too."""

from datetime import UTC, datetime

from sqlmodel import Session, select
from temporalio import activity

from activities.storage.database import Database
from activities.storage.tables import Customer, Enrollment, Message, TimelineEntry
from bench.minimal import Order

BODY = "<p>Please complete your account.</p>\n" * 300  # as long as the product's emails
TEXT = "Please complete your account.\n" * 40


class HandLedger:
    """Claims a message, sends it, settles it: two transactions on the product's own tables.

    Args:
        database: with a row for each customer and enrollment; the enrollment's id is the workflow's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prepare(self, workflow_id: str, customer_id: str) -> None:
        """Store the customer and the enrollment."""

        def transaction(session: Session) -> None:
            now = datetime.now(UTC)
            session.add(Customer(id=customer_id, email=f"{customer_id}@example.com", created_at=now, registered_at=now))
            session.flush()
            session.add(
                Enrollment(
                    id=workflow_id,
                    customer_id=customer_id,
                    journey="with-ledger",
                    workflow_id=workflow_id,
                    state="running",
                    clock_wall_origin=now,
                    clock_journey_origin=now,
                    enrolled_at=now,
                )
            )

        await self._database.write(transaction)

    @activity.defn(name="send_with_ledger")
    async def send_with_ledger(self, order: Order) -> str:
        """Claim, send, settle."""
        await self._database.write(lambda session: self._claim(session, order))
        # Here a provider would be called; it accepts at once.
        await self._database.write(lambda session: self._settle(session, order))
        return order.step

    @activity.defn(name="record_end")
    async def record_end(self, order: Order) -> None:
        """Write the final record."""

        def transaction(session: Session) -> None:
            enrollment = session.get_one(Enrollment, order.workflow_id)
            enrollment.state = "ended"
            enrollment.outcome = "not complete"
            enrollment.ended_at = datetime.now(UTC)
            session.add(enrollment)
            _note(session, enrollment, "outcome", "end", {"outcome": "not complete"})

        await self._database.write(transaction)

    def _claim(self, session: Session, order: Order) -> None:
        now = datetime.now(UTC)
        enrollment = session.get_one(Enrollment, order.workflow_id)
        customer = session.get_one(Customer, order.customer_id)
        message = Message(
            id=f"{order.workflow_id}/{order.step}",
            enrollment_id=enrollment.id,
            customer_id=customer.id,
            journey=enrollment.journey,
            step=order.step,
            visit=1,
            channel="email",
            template=order.step,
            state="attempting",
            message_class="marketing",
            first_asked_at=now,
            decided_at=now,
            to=customer.email or "",
            subject="Your account",
            html=BODY,
            text=TEXT,
        )
        session.add(message)
        _note(session, enrollment, "wait", f"before-{order.step}", {"why": "time to answer"})

    def _settle(self, session: Session, order: Order) -> None:
        enrollment = session.get_one(Enrollment, order.workflow_id)
        statement = select(Message).where(Message.enrollment_id == enrollment.id, Message.step == order.step)
        message = session.exec(statement).one()
        message.state = "accepted"
        message.provider_id = order.step
        session.add(message)
        _note(session, enrollment, "message", order.step, {"result": "sent", "message_id": message.id})


def _note(session: Session, enrollment: Enrollment, kind: str, step: str, data: dict[str, str]) -> None:
    enrollment.last_seq += 1
    enrollment.step = step
    session.add(enrollment)
    session.add(
        TimelineEntry(
            enrollment_id=enrollment.id,
            seq=enrollment.last_seq,
            at=datetime.now(UTC),
            kind=kind,
            step=step,
            data=data,
        )
    )
