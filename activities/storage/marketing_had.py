"""Marketing that a customer has had, or may have had: what frequency caps count, and what staff see of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from activities.channels import MessageClass
from activities.frequency import FrequencyCap
from activities.storage.ledger import SENT_OR_MAY_BE
from activities.storage.tables import Message

HAD = select(Message.channel, Message.decided_at).where(
    col(Message.customer_id) == bindparam("customer_id"),
    col(Message.decided_at) > bindparam("since"),
    col(Message.message_class) == MessageClass.MARKETING.value,
    col(Message.state).in_(SENT_OR_MAY_BE),
)
"""Channel and journey instant of each, for a `customer_id`, `since` a journey instant."""

UNCAPPED = timedelta(days=7)


@dataclass(frozen=True)
class Had:
    """How much marketing a customer had lately.

    Attributes:
        messages: how many.
        span: in how much journey time until now.
        cap: that counts them; None where there is none.
    """

    messages: int
    span: timedelta
    cap: FrequencyCap | None


def had_lately(session: Session, customer_id: str, caps: Sequence[FrequencyCap], now: datetime) -> list[Had]:
    """What each cap counts; where there is none, all of the last week.

    Args:
        session: any transaction.
        customer_id: whose.
        caps: all that there are.
        now: journey instant, UTC.
    """
    since = now - max((cap.span for cap in caps), default=UNCAPPED)
    found = session.exec(HAD, params={"customer_id": customer_id, "since": since})
    had = [(channel, at) for channel, at in found if at is not None]
    if not caps:
        return [Had(len(had), UNCAPPED, None)]
    return [Had(sum(at > now - cap.span and cap.is_on(channel) for channel, at in had), cap.span, cap) for cap in caps]
