"""The writes of the gate and of the final record, done by hand for the opponent that has a ledger, too.

Row for row what the product leaves of the same journey: messages, the lines of the timeline, what a report counts of
them, a voucher that is promised and goes back, the link in the text. `bench.throughput` compares the rows.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import insert
from sqlmodel import Session, col, select, update
from temporalio import activity

from activities.storage.database import Database
from activities.storage.tables import (
    CountChange,
    Customer,
    Enrollment,
    Message,
    ShortLink,
    TimelineEntry,
    Voucher,
    VoucherDesign,
)
from bench.minimal import Order

BODY = "<p>Please complete your account.</p>\n" * 275  # as long as the product's emails
TEXT = "Please complete your account.\n" * 33
DESIGN = "profile-reward"
CHECK, WAIT = "check", "wait"
# What the product notes when it claims a message, and at the end.
BEFORE: dict[str, Sequence[tuple[str, str]]] = {
    "complete-your-account": (
        (CHECK, "complete"),
        (WAIT, "first"),
        (CHECK, "complete#2"),
        (CHECK, "reachable-by-email"),
    ),
    "voucher-offer": ((WAIT, "second"), (CHECK, "complete#3")),
    "voucher-offer-sms": ((WAIT, "third"), (CHECK, "complete#4"), (CHECK, "reachable-by-sms")),
    "end": ((WAIT, "fourth"), (CHECK, "complete#5")),
}
PROMISES, TEXTS = "voucher-offer", "voucher-offer-sms"


class HandLedger:
    """Claims a message, sends it, settles it: two transactions on the product's own tables.

    Args:
        database: with a row for each customer and enrollment; the enrollment's id is the workflow's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prepare(self, workflow_id: str, customer_id: str) -> None:
        """Store the customer, the enrollment and a free voucher."""

        def transaction(session: Session) -> None:
            now = datetime.now(UTC)
            session.add(Customer(id=customer_id, email=f"{customer_id}@example.com", created_at=now, registered_at=now))
            session.merge(VoucherDesign(name=DESIGN, value="£10 off"))
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
            number = int(customer_id.rpartition("-")[2])
            session.add(Voucher(code=f"BENCH-{number}", id=f"vou_{number}", design=DESIGN, position=number))
            _count(session, now, [("enrolled", "", "")])

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
            _note(session, enrollment, [*BEFORE["end"], ("outcome", "end")])
            enrollment.state = "ended"
            enrollment.outcome = "not complete"
            enrollment.ended_at = datetime.now(UTC)
            session.add(enrollment)
            released = update(Voucher).where(col(Voucher.enrollment_id) == enrollment.id)
            session.exec(released.values(state="free", enrollment_id=None))

        await self._database.write(transaction)

    def _claim(self, session: Session, order: Order) -> None:
        now = datetime.now(UTC)
        enrollment = session.get_one(Enrollment, order.workflow_id)
        customer = session.get_one(Customer, order.customer_id)
        session.add(
            Message(
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
                html="" if order.step == TEXTS else BODY,
                text=TEXT,
            )
        )
        if order.step == PROMISES:
            free = select(Voucher).where(Voucher.design == DESIGN, Voucher.state == "free")
            voucher = session.exec(free.order_by(col(Voucher.position)).limit(1)).one()
            voucher.state, voucher.enrollment_id = "reserved", enrollment.id
            session.add(voucher)
        if order.step == TEXTS:
            code = enrollment.id.replace("/", "-")
            session.add(ShortLink(code=code, path="/profile/", customer_id=customer.id, created_at=now))
        _note(session, enrollment, BEFORE[order.step])

    def _settle(self, session: Session, order: Order) -> None:
        enrollment = session.get_one(Enrollment, order.workflow_id)
        statement = select(Message).where(Message.enrollment_id == enrollment.id, Message.step == order.step)
        message = session.exec(statement).one()
        message.state = "accepted"
        message.provider_id = order.step
        session.add(message)
        _note(session, enrollment, [("message", order.step)])


def _note(session: Session, enrollment: Enrollment, lines: Sequence[tuple[str, str]]) -> None:
    """Write lines of the timeline, and count the moves."""
    now, here, decided = datetime.now(UTC), enrollment.step or "start", enrollment.decided
    entries, moves = [], []
    for seq, (kind, step) in enumerate(lines, start=enrollment.last_seq + 1):
        data = {"result": "sent", "message_id": f"{enrollment.id}/{step}"} if kind == "message" else {"why": step}
        entries.append(
            {"enrollment_id": enrollment.id, "seq": seq, "at": now, "kind": kind, "step": step, "data": data}
        )
        place = f"{here}>{decided}" if decided else here
        moves.append(("ended", place, "not complete") if kind == "outcome" else ("moved", place, step))
        here, decided = step, "sent" if kind == "message" else ""
        if kind == "message":
            moves.append(("message", step, "sent"))
    enrollment.last_seq += len(lines)
    enrollment.step, enrollment.decided = here, decided
    session.add(enrollment)
    session.connection().execute(insert(TimelineEntry), entries)
    _count(session, enrollment.enrolled_at, moves)


def _count(session: Session, at: datetime, moves: Sequence[tuple[str, str, str]]) -> None:
    rows = [
        {
            "journey": "with-ledger",
            "measure": measure,
            "day": at.date(),
            "arm": "",
            "name": name,
            "detail": detail,
            "number": 1,
        }
        for measure, name, detail in moves
    ]
    session.connection().execute(insert(CountChange), rows)
