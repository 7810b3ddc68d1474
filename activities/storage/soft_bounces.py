"""Soft bounces: an address that could take none of so many emails in a row is not used again (guarantees D10).

What stands on the suppression list follows from the reports alone, whichever order they come in: an email that arrives
after all takes the address off it again.
"""

from sqlmodel import Session, col, func, or_, select

from activities.callbacks import Kind
from activities.channels import EMAIL
from activities.storage.facts import customer_changed
from activities.storage.message_reports import Reception
from activities.storage.tables import Customer, Message, ProviderCallback, Suppression

SOFT_BOUNCES = "soft bounces"
ARRIVED = (Kind.DELIVERED, Kind.OPENED, Kind.CLICKED)


def judge(session: Session, reception: Reception, message_id: str) -> None:
    """Put the address of an email on the suppression list, or take it off, as what is known of its emails asks for.

    Args:
        session: the transaction that has merged a report about the email.
        reception: where it arrived.
        message_id: of the email; other messages change nothing.
    """
    message = session.get_one(Message, message_id)
    limit = reception.reachability.soft_bounces
    if message.channel != EMAIL or not message.to or not limit:
        return
    mark = reception.reachability.mark(EMAIL, message.to)
    known = session.get(Suppression, (EMAIL.value, mark))
    is_full = _in_a_row(session, message) >= limit
    if is_full and known is None:
        reception.reachability.suppress(session, EMAIL, message.to, SOFT_BOUNCES, reception.now)
    elif not is_full and known is not None and known.reason == SOFT_BOUNCES:
        session.delete(known)
    else:
        return
    session.flush()
    customer_changed(session, session.get_one(Customer, message.customer_id), reception.now)


def _in_a_row(session: Session, message: Message) -> int:
    """How many emails to an address have bounced softly since one arrived there."""
    there = (
        Message.customer_id == message.customer_id,
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
