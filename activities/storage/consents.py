"""Leaving: consent is withdrawn and everybody told, in one transaction."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from activities.channels import Channel
from activities.storage import customers, intake
from activities.storage.intake import Admission, Event
from activities.storage.tables import Customer

CONSENT_WITHDRAWN = "consent.withdrawn"


def withdraw(
    session: Session,
    customer: Customer,
    channels: Iterable[Channel],
    *,
    source: str,
    event_source: str,
    admission: Admission,
    now: datetime,
) -> list[Channel]:
    """Withdraw consent and tell the customer's journeys, effective with the commit (guarantees D3).

    Args:
        session: a writing transaction.
        customer: whose; the row is locked.
        channels: which.
        source: where they said so, for people.
        event_source: the same for the inbox: page or system.
        admission: journeys and clock.
        now: wall-clock instant, UTC.

    Returns:
        The channels that were open until now.
    """
    withdrawn = [
        channel
        for channel in channels
        if customers.decide(session, customer, channel.value, given=False, source=source, now=now)
    ]
    if not withdrawn:
        return []
    intake.profile_updated(session, customer, [], admission, now)
    for channel in withdrawn:
        event_id = f"{CONSENT_WITHDRAWN}/{customer.id}/{customer.version}/{channel}"
        event = Event(event_id, CONSENT_WITHDRAWN, None, {"channel": channel.value}, source=event_source)
        intake.accept(session, event, customer, admission, now)
    session.flush()
    return withdrawn
