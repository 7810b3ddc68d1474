"""Erasure: whatever is personal goes in one transaction; what is counted stays, and belongs to nobody.

Since GDPR, Art. 17 leaves the evidence of consent and objections standing, so does this: decisions without an address,
and addresses only as keyed hashes. Late writes of work that was under way are blanked by `blank_again`.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import String, cast, delete
from sqlmodel import Session, col, select, update

from activities.channels import Channel
from activities.storage import accounts, intake, outbox
from activities.storage.callbacks import forget_texts
from activities.storage.facts import OBJECTED, Reachability, customer_changed
from activities.storage.ids import new_id
from activities.storage.ledger import State
from activities.storage.tables import (
    AuditEntry,
    Confirmation,
    Consent,
    Customer,
    Enrollment,
    Erasure,
    IdempotentAnswer,
    Identity,
    InboxEvent,
    Message,
    OutboxItem,
    ShortLink,
    TimelineEntry,
    TrackedLink,
)

SEARCH_ROUTE = "POST /v1/customers/search"  # the one repeatable request whose answers show profiles
ERASED = "customer.erase"  # in the audit log
TOLD_BY_PEOPLE = ("cancelled", "terminated", "failed")  # outcomes whose reason is somebody's own words
IMPERSONAL = frozenset(
    {"message_id", "template", "channel", "machine", "link_id"}
)  # of our own events; counts need them


def erase(
    session: Session,
    customer: Customer,
    reachability: Reachability,
    *,
    source: str,
    now: datetime,
    journey_now: datetime,
) -> tuple[Erasure, list[str]]:
    """Erase a customer. From the commit on every gate answers `erased`, and their journeys end.

    Args:
        session: a writing transaction.
        customer: their row, locked, and not erased yet.
        reachability: keeps the objections they made.
        source: api, console or command line.
        now: wall-clock instant, UTC.
        journey_now: the same instant on the journey clock.

    Returns:
        The record of it, and ids of the enrollments that must hear of it.
    """
    for channel in _objected_to(session, customer):
        if address := reachability.address(customer, channel):
            reachability.suppress(session, channel, address, OBJECTED, now)
    customer.erased_at = now
    accounts.erased(session, customer, journey_now)
    customer_changed(session, customer, now)  # their open journeys learn that they are erased
    open_ids = intake.open_ids(session, customer)
    outbox.hurry(session, open_ids, now)
    session.exec(delete(OutboxItem).where(col(OutboxItem.enrollment_id).in_(open_ids), col(OutboxItem.kind) == "event"))
    record = Erasure(customer_id=customer.id, source=source, erased_at=now)
    session.add(record)
    _blank(session, customer)
    session.flush()
    return record, open_ids


def find(session: Session, reference: str) -> Erasure | None:
    """The record of an erasure by our id of the customer; the client's own id is forgotten with them."""
    return session.get(Erasure, reference)


def pending(session: Session) -> list[Erasure]:
    """Erasures of which something may be left, the oldest first."""
    return list(session.exec(select(Erasure).where(col(Erasure.cleared_at).is_(None)).order_by(col(Erasure.erased_at))))


def message_ids(session: Session, customer_id: str) -> list[str]:
    """Ids of a customer's messages and calls, under which copies may be found elsewhere."""
    return list(session.exec(select(Message.id).where(Message.customer_id == customer_id)))


def blank_again(session: Session, customer_id: str, now: datetime) -> bool:
    """Blank what work that was under way has written since.

    Args:
        session: a writing transaction.
        customer_id: of an erased customer.
        now: wall-clock instant, UTC.

    Returns:
        Whether nothing more can follow: their journeys are over, and no message is leaving.
    """
    customer = session.get_one(Customer, customer_id, with_for_update=True)
    _blank(session, customer)
    leaving = select(Message.id).where(
        Message.customer_id == customer_id,
        Message.state == State.ATTEMPTING,
        col(Message.lease_until) > now,
    )
    return not intake.open_ids(session, customer) and session.exec(leaving).first() is None


def cleared(session: Session, customer_id: str, now: datetime) -> None:
    """Note that nothing is left of a customer."""
    record = session.get_one(Erasure, customer_id)
    record.cleared_at = now
    session.add(record)


def _objected_to(session: Session, customer: Customer) -> Sequence[Channel]:
    """Channels on which the customer wants no marketing, whoever holds the address later."""
    rows = session.exec(select(Consent).where(Consent.customer_id == customer.id, col(Consent.given).is_(False)))
    withdrawn = {row.channel for row in rows}
    return [channel for channel in Channel if channel.value in withdrawn]


def _blank(session: Session, customer: Customer) -> None:
    """Blank a customer in every table. Doing it twice changes nothing."""
    _blank_profile(session, customer)
    _blank_journeys(session, customer.id)
    _blank_messages(session, customer.id)
    _blank_traffic(session, customer.id)


def _blank_profile(session: Session, customer: Customer) -> None:
    customer.external_id = customer.first_name = customer.last_name = customer.email = customer.phone = None
    customer.date_of_birth = None
    customer.country = customer.locale = customer.preferred_channel = None
    customer.timezone, customer.timezone_source = "UTC", "default"
    customer.attributes = {}
    session.add(customer)
    session.exec(delete(Identity).where(col(Identity.customer_id) == customer.id))
    session.exec(update(Confirmation).where(col(Confirmation.customer_id) == customer.id).values(ip_hash=""))


def _blank_journeys(session: Session, customer_id: str) -> None:
    entered = session.exec(select(Enrollment).where(Enrollment.customer_id == customer_id)).all()
    for row in entered:
        row.trigger_properties = {}
        row.hold_reason = ""
        if row.entry_key:
            row.entry_key = row.id  # the number of an order, else
        if row.cancel_reason is not None:
            row.cancel_reason = ""  # still cancelled
        if row.outcome in TOLD_BY_PEOPLE:
            row.reason = ""
        session.add(row)
        for entry in session.exec(
            select(TimelineEntry).where(
                TimelineEntry.enrollment_id == row.id, col(TimelineEntry.kind).in_(("profile", "outcome"))
            )
        ).all():
            if entry.kind == "profile":
                entry.data = {**entry.data, "value": None}
            elif entry.data.get("outcome") in TOLD_BY_PEOPLE:
                entry.data = {**entry.data, "reason": ""}
            session.add(entry)
    # Who of the staff did what, and when, stays; what they wrote about the customer goes, but for why they erased.
    acted_on = [customer_id, *(row.id for row in entered)]
    written = update(AuditEntry).where(col(AuditEntry.subject_id).in_(acted_on), col(AuditEntry.action) != ERASED)
    session.exec(written.values(why="", details={}))


def _blank_messages(session: Session, customer_id: str) -> None:
    session.exec(
        update(Message)
        .where(col(Message.customer_id) == customer_id)
        .values(to="", subject="", html="", text="", headers={})
    )
    forget_texts(session, customer_id)
    for link in session.exec(select(TrackedLink).where(TrackedLink.customer_id == customer_id)).all():
        # It still leads to the shop from the email that the customer may keep.
        link.target = urlsplit(link.target)._replace(query="", fragment="").geturl()
        session.add(link)
    session.exec(delete(ShortLink).where(col(ShortLink.customer_id) == customer_id))


def _blank_traffic(session: Session, customer_id: str) -> None:
    unblanked = select(InboxEvent).where(InboxEvent.customer_id == customer_id, InboxEvent.fingerprint != "")
    for event in session.exec(unblanked).all():
        event.fingerprint = ""
        if event.source == "api":
            event.properties = {}
            event.event_id = new_id("evt")  # the client's own may name an order, or a person
        else:
            event.properties = {name: value for name, value in event.properties.items() if name in IMPERSONAL}
        session.add(event)
    named = cast(IdempotentAnswer.body, String).contains(customer_id, autoescape=True)
    session.exec(delete(IdempotentAnswer).where(col(IdempotentAnswer.route) == SEARCH_ROUTE, named))
    session.exec(update(IdempotentAnswer).where(named).values(fingerprint=""))
