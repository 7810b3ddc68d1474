"""Whether a message may go, now: each rule in the order in which a customer would ask for it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from activities.channels import MessageClass
from activities.facts import Facts
from activities.messages import GateAnswer, Result, SendOrder
from activities.storage.enrolled import closed_for, hold_of
from activities.storage.facts import Reachability
from activities.storage.tables import Customer, Enrollment

COMPLETE = "complete"
OPTED_OUT = "opted out"


@dataclass(frozen=True)
class Case:
    """A message before the gate: what is asked, for whom, and when.

    Attributes:
        order: what the journey asks.
        enrollment: its row.
        customer: their row.
        facts: the customer as read in this transaction.
        message_class: what the template says of itself.
        now: journey instant, UTC.
    """

    order: SendOrder
    enrollment: Enrollment
    customer: Customer
    facts: Facts
    message_class: MessageClass
    now: datetime

    def answer(self, result: Result, reason: str = "", **more: object) -> GateAnswer:
        """An answer with the snapshots that every answer carries."""
        return GateAnswer(result, self.facts, hold_of(self.enrollment), reason, **more)  # type: ignore[arg-type] # by name


def objection(session: Session, case: Case, reachability: Reachability) -> GateAnswer | None:
    """The first reason why the message may not go now; None if it may.

    Args:
        session: the transaction in which the message would be let pass.
        case: the message.
        reachability: knows consents and suppressions.
    """
    order, facts = case.order, case.facts
    closed = closed_for(case.enrollment, case.customer)
    if closed is not None:
        return case.answer(Result.SUPPRESSED, closed[0], ends=True, detail=closed[1])
    if facts.opted_out:
        return case.answer(Result.SUPPRESSED, OPTED_OUT, ends=True)
    if case.enrollment.held:
        return case.answer(Result.HELD, case.enrollment.hold_reason)
    if order.unless and facts.has(*order.unless):
        return case.answer(Result.SUPPRESSED, COMPLETE)
    reachable = order.channel in facts.reachable  # read in this very transaction
    if not reachable and reachability.address(case.customer, order.channel) is None:
        return case.answer(Result.SUPPRESSED, f"no {order.channel} address")
    if not reachable and (suppressed := reachability.suppressed(session, case.customer, order.channel)):
        return case.answer(Result.SUPPRESSED, suppressed)
    if case.message_class is MessageClass.MARKETING:
        return _marketing_objection(session, case, reachability)
    return None


def _marketing_objection(session: Session, case: Case, reachability: Reachability) -> GateAnswer | None:
    order, reachable = case.order, case.order.channel in case.facts.reachable
    if not reachable and not reachability.agreed(session, case.customer, order.channel):
        return case.answer(Result.SUPPRESSED, OPTED_OUT)
    if order.window is not None:
        opens = order.window.next_open(case.now, case.facts.timezone)
        if opens > case.now:
            return case.answer(Result.DEFERRED, "the send window is closed", until=opens)
    return None
