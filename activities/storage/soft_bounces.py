"""Soft bounces: an address or a number that could take none of so many messages in a row is not used again (D10).

What stands on the suppression list follows from the reports alone, whichever order they come in: a message that arrives
after all takes the address off it again.
"""

from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from activities.callbacks import Kind
from activities.channels import EMAIL, SMS, Channel
from activities.storage import customers
from activities.storage.facts import Reachability, customer_changed
from activities.storage.tables import Customer, Message, ProviderCallback, Suppression

SOFT_BOUNCES = "soft bounces"
ARRIVED = (Kind.DELIVERED, Kind.OPENED, Kind.CLICKED)
COUNTED = (EMAIL, SMS)


def given_up(session: Session, reachability: Reachability, message: Message, now: datetime) -> None:
    """Count a message that its provider could not hand over while we had patience; no report of it will come.

    Args:
        session: the gate's first transaction; the row stays as it is.
        reachability: the suppression list.
        message: the row.
        now: wall-clock instant, UTC.
    """
    session.add(
        ProviderCallback(
            provider=message.provider,
            id=f"{message.id}/given up",
            kind=Kind.SOFT_BOUNCED.value,
            message_id=message.id,
            customer_id=message.customer_id,
            at=now,
            received_at=now,
        )
    )
    session.flush()
    judge(session, reachability, message.id, now)


def judge(session: Session, reachability: Reachability, message_id: str, now: datetime) -> None:
    """Put a message's address on the suppression list, or take it off, as what is known of its messages asks for.

    Args:
        session: the transaction that has merged a report about the message.
        reachability: the suppression list.
        message_id: of an email or a text; other messages change nothing.
        now: wall-clock instant, UTC.
    """
    message = session.get_one(Message, message_id)
    if message.channel not in COUNTED or not message.to or not reachability.soft_bounces:
        return
    channel = Channel(message.channel)
    known = session.get(Suppression, (channel.value, reachability.mark(channel, message.to)))
    is_closed = _in_a_row(session, message) >= reachability.soft_bounces
    if is_closed and known is None:
        reachability.suppress(session, channel, message.to, SOFT_BOUNCES, now)
    elif not is_closed and known is not None and known.reason == SOFT_BOUNCES:
        session.delete(known)
    else:
        return
    session.flush()
    customer_changed(session, session.get_one(Customer, message.customer_id), now)


def _in_a_row(session: Session, message: Message) -> int:
    """How many messages to an address, for whoever of a household, have bounced softly since one arrived there."""
    others = customers.with_phone(session, message.to) if message.channel == SMS else []
    there = (
        col(Message.customer_id).in_({message.customer_id, *(each.id for each in others)}),
        Message.channel == message.channel,
        Message.to == message.to,
    )
    arrived = select(func.max(Message.decided_at)).where(*there, col(Message.delivery).in_(ARRIVED)).scalar_subquery()
    bounced = (
        select(func.count(col(Message.id).distinct()))
        .join(ProviderCallback, col(ProviderCallback.message_id) == col(Message.id))
        .where(
            *there,
            ProviderCallback.kind == Kind.SOFT_BOUNCED,
            or_(arrived.is_(None), col(Message.decided_at) > arrived),
        )
    )
    return session.exec(bounced).one()
