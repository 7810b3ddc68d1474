"""Whether a message may go, now: each rule in the order in which a customer would ask for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from activities.channels import MessageClass
from activities.facts import Facts
from activities.frequency import NO_CAPS, FrequencyCaps
from activities.gate.caps import free_from
from activities.messages import GateAnswer, Result, SendOrder
from activities.storage import ledger, topics
from activities.storage.enrolled import closed_for, hold_of
from activities.storage.facts import Reachability
from activities.storage.tables import Customer, Enrollment
from activities.webhooks import WebhookOrder

COMPLETE = "complete"
OPTED_OUT = "opted out"
NO_CONSENT_YET = "no consent yet"
TOPIC_DECLINED = "topic declined"
FREQUENCY_CAP = "frequency cap"
WINDOW_CLOSED = "the send window is closed"


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


class MarketingCase(Protocol):
    """What marketing of either gate has: a message, or a call that makes somebody else write."""

    @property
    def order(self) -> SendOrder | WebhookOrder:
        """What the journey asks."""
        ...

    @property
    def customer(self) -> Customer:
        """Their row."""
        ...

    @property
    def facts(self) -> Facts:
        """The customer as read in this transaction."""
        ...

    @property
    def now(self) -> datetime:
        """Journey instant, UTC."""
        ...

    def answer(self, result: Result, reason: str = "", **more: object) -> GateAnswer:
        """An answer with the snapshots that every answer carries."""
        ...


def objection(
    session: Session, case: Case, reachability: Reachability, caps: FrequencyCaps = NO_CAPS
) -> GateAnswer | None:
    """The first reason why the message may not go now; None if it may.

    Args:
        session: the transaction in which the message would be let pass.
        case: the message.
        reachability: knows consents and suppressions.
        caps: how much marketing a customer gets at most.
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
        return _marketing_objection(session, case, reachability, caps)
    return None


def _marketing_objection(
    session: Session, case: Case, reachability: Reachability, caps: FrequencyCaps
) -> GateAnswer | None:
    channel = case.order.channel
    if channel not in case.facts.reachable and not reachability.agreed(session, case.customer, channel):
        return case.answer(Result.SUPPRESSED, OPTED_OUT)
    if channel in case.facts.undecided:
        return case.answer(Result.SUPPRESSED, NO_CONSENT_YET)
    return topic_or_time(session, case, caps)


def topic_or_time(session: Session, case: MarketingCase, caps: FrequencyCaps) -> GateAnswer | None:
    """Why marketing that the customer has agreed to may not go now: its topic, the frequency cap or the send window.

    Args:
        session: the transaction in which it would be let pass.
        case: the message or the call.
        caps: how much marketing a customer gets at most.
    """
    order, now = case.order, case.now
    if order.topic and topics.declined(session, case.customer.id, order.topic) and not _is_owed(session, order):
        return case.answer(Result.SUPPRESSED, TOPIC_DECLINED)
    free = free_from(session, caps, case.customer.id, order, now)
    until = free if order.window is None else order.window.next_open(free, case.facts.timezone)
    if until <= now:
        return None
    if free == now:
        return case.answer(Result.DEFERRED, WINDOW_CLOSED, until=until)
    known = ledger.find(session, order)
    waits = until - (known.first_asked_at if known else now)
    if waits > caps.patience and not order.hands_over:
        return case.answer(Result.SUPPRESSED, FREQUENCY_CAP)
    return case.answer(Result.DEFERRED, FREQUENCY_CAP, until=until, punctual=until == free)


def _is_owed(session: Session, order: SendOrder | WebhookOrder) -> bool:
    """Whether it hands over what this journey has promised: who declines a topic still gets what they earned."""
    return bool(order.hands_over) and ledger.has_promised(session, order.enrollment_id)
