"""What a provider reports of a message: its fate, and what follows for its customer.

The same reports leave the same rows behind in whichever order, and however often, they come (guarantees B7).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from activities.callbacks import Callback, Kind
from activities.channels import Channel
from activities.storage import consents, customers, intake, ledger
from activities.storage.facts import STOPPED, Reachability, customer_changed
from activities.storage.intake import Admission
from activities.storage.ledger import State
from activities.storage.message_events import BY_HAND, TYPES, message_event, too_soon
from activities.storage.tables import Customer, InboxEvent, Message, Suppression, TimelineEntry

HARD_BOUNCE, COMPLAINT = "hard bounce", "complaint"
WEIGHTS = {STOPPED: 1, HARD_BOUNCE: 2, COMPLAINT: 3}  # START takes back STOP alone
CONFIRMED_LATE = "the provider confirmed it later"

# The higher rank stays. What has failed stays failed, but a complaint still counts.
RANKS = {
    Kind.QUEUED: 1,
    Kind.SENT: 2,
    Kind.DELIVERED: 3,
    Kind.OPENED: 4,
    Kind.CLICKED: 5,
    Kind.FAILED: 6,
    Kind.BOUNCED: 7,
    Kind.COMPLAINED: 8,
}
REASONS = {Kind.BOUNCED: HARD_BOUNCE, Kind.COMPLAINED: COMPLAINT}
REPORTABLE = {State.ATTEMPTING, State.RETRYABLE, State.ACCEPTED, State.UNKNOWN}  # the others never left us


@dataclass(frozen=True)
class Reception:
    """Where callbacks arrive.

    Attributes:
        reachability: the suppression list.
        admission: journeys and clock.
        now: wall-clock instant, UTC.
    """

    reachability: Reachability
    admission: Admission
    now: datetime


@dataclass(frozen=True)
class Merged:
    """What a report came to.

    Attributes:
        customer_id: whose message it is; empty where they were erased.
        tell: enrollments with something new in the outbox.
    """

    customer_id: str = ""
    tell: tuple[str, ...] = ()


def merge(session: Session, reception: Reception, callback: Callback, message_id: str) -> Merged | None:
    """Take a report in.

    Args:
        session: a writing transaction.
        reception: where it arrived.
        callback: what is reported.
        message_id: of the message that it is about.

    Returns:
        None where it cannot be true: the message never left us.
    """
    # The customer is locked before the message, as in the gate.
    owner = session.exec(select(Message.customer_id).where(Message.id == message_id)).one()
    customer = customers.find(session, owner, locked=True)
    message = session.get_one(Message, message_id, with_for_update=True, populate_existing=True)
    if State(message.state) not in REPORTABLE:
        return None
    machine = callback.kind in (Kind.OPENED, Kind.CLICKED) and (
        callback.machine or too_soon(message, reception.admission.clock.at(callback.at))
    )
    message.delivery = merged_status(message.delivery, Kind.DELIVERED if machine else callback.kind)
    message.provider_id = message.provider_id or callback.provider_id
    session.add(message)
    if message.state == State.UNKNOWN:
        ledger.move(message, State.ACCEPTED)
        _note_confirmation(session, message)
    if message.channel in list(Channel):
        _keep_away(session, reception, callback, message, customer)
    if customer is None:
        return Merged()
    _tell(session, reception, callback, message, customer, machine=machine)
    return Merged(customer.id, tuple(intake.open_ids(session, customer)))


def merged_status(known: str, news: Kind) -> str:
    """A message's status after a report."""
    if news is Kind.SOFT_BOUNCED:
        news = Kind.FAILED
    if RANKS.get(news, 0) > (RANKS[Kind(known)] if known else 0):
        return news.value
    return known


def _note_confirmation(session: Session, message: Message) -> None:
    """Let the timeline say what is known now."""
    lines = session.exec(
        select(TimelineEntry).where(
            TimelineEntry.enrollment_id == message.enrollment_id, TimelineEntry.step == message.step
        )
    )
    for line in lines.all():
        if line.data.get("message_id") == message.id and line.data.get("result") == "unknown":
            line.data = {**line.data, "result": "sent", "note": CONFIRMED_LATE}
            session.add(line)


def _keep_away(
    session: Session, reception: Reception, callback: Callback, message: Message, customer: Customer | None
) -> None:
    """Never use a bad address again; send nothing more to somebody who complained or left."""
    channel, address = Channel(message.channel), message.to or callback.address
    reason = REASONS.get(callback.kind)
    if reason and address:
        reachability = reception.reachability
        reachability.suppress(session, channel, address, reason, reception.now)
        known = session.get(Suppression, (channel.value, reachability.mark(channel, address)))
        if known is not None and WEIGHTS.get(reason, 0) > WEIGHTS.get(known.reason, 0):
            known.reason = reason  # whichever came first
            session.add(known)
        session.flush()
        if customer is not None:
            customer_changed(session, customer, reception.now)
    if customer is not None and callback.kind in (Kind.COMPLAINED, Kind.OPTED_OUT):
        consents.withdraw(
            session,
            customer,
            [channel],
            source=f"{callback.provider}: {callback.kind}",
            event_source="provider",
            admission=reception.admission,
            now=reception.now,
        )


def _tell(
    session: Session, reception: Reception, callback: Callback, message: Message, customer: Customer, *, machine: bool
) -> None:
    type_ = TYPES.get(callback.kind)
    if type_ is None:
        return
    event = message_event(type_, message, source="provider", machine=type_ in BY_HAND and machine, at=callback.at)
    if session.get(InboxEvent, (event.source, event.event_id)) is None:
        intake.accept(session, event, customer, reception.admission, reception.now)
