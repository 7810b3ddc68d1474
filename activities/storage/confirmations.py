"""Double opt-in: an address is pending until its owner has pressed the button (guarantees D6)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from activities.channels import EMAIL
from activities.storage import customers, intake
from activities.storage.intake import Admission, Event
from activities.storage.tables import Confirmation, Customer

SUBSCRIPTION_CONFIRMED = "subscription.confirmed"
SOURCE = "confirm page"


@dataclass(frozen=True)
class Evidence:
    """What is kept of a press.

    Attributes:
        address_hash: keyed hash of the address that was confirmed.
        text_version: fingerprint of the words beside the button.
        ip_hash: keyed hash of the address the press came from.
        enrollment_id: the journey that asked.
        channel: over which the link came.
    """

    address_hash: str
    text_version: str
    ip_hash: str
    enrollment_id: str = ""
    channel: str = ""


def is_confirmed(session: Session, customer: Customer, address_hash: str) -> bool:
    """Whether the customer has confirmed an address.

    Args:
        session: any transaction.
        customer: whose.
        address_hash: as in the evidence.
    """
    return session.get(Confirmation, (customer.id, address_hash)) is not None


def confirm(session: Session, customer: Customer, evidence: Evidence, admission: Admission, now: datetime) -> bool:
    """Record a customer's confirmation of their email address, once an address, and tell their journeys.

    A press also says that news by email is wanted, so it takes back an earlier opt-out of email.

    Args:
        session: a writing transaction.
        customer: whose; the row is locked.
        evidence: of the press.
        admission: journeys and clock.
        now: wall-clock instant of the press, UTC.

    Returns:
        Whether anything is new.
    """
    wanted = customers.decide(session, customer, EMAIL.value, given=True, source=SOURCE, now=now)
    if wanted:
        intake.profile_updated(session, customer, [], admission, now)
    if is_confirmed(session, customer, evidence.address_hash):
        return wanted
    session.add(
        Confirmation(
            customer_id=customer.id,
            address_hash=evidence.address_hash,
            confirmed_at=now,
            arrived_at=admission.clock.at(now),
            source=SOURCE,
            text_version=evidence.text_version,
            ip_hash=evidence.ip_hash,
            enrollment_id=evidence.enrollment_id,
            channel=evidence.channel,
        )
    )
    event_id = f"{SUBSCRIPTION_CONFIRMED}/{customer.id}/{evidence.address_hash[:16]}"
    event = Event(event_id, SUBSCRIPTION_CONFIRMED, None, {"channel": EMAIL.value}, source="page")
    intake.accept(session, event, customer, admission, now)
    session.flush()
    return True
