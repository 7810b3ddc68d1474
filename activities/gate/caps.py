"""The frequency cap: how many marketing messages one customer gets, all journeys together.

Counted in the very transaction that lets a message pass, with the customer's row locked, so two journeys at once
cannot both take the last place. What went and what may have gone counts (guarantees A7), calls of marketing webhooks
too; the service class neither counts nor waits. A day is 24 hours elapsed: by calendar days, a message before midnight
and one after it would both pass.

A message beyond the cap waits until the oldest one leaves the span, and for the send window then; who comes first goes
first. One that would come later than our patience, counted from when its journey first asked, is left out: nobody
wants last month's reminder. What hands over a reward is never left out, however long it waits: it was earned.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, bindparam, not_
from sqlmodel import Session, col

from activities.frequency import FrequencyCap, FrequencyCaps
from activities.storage.ledger import Slot, slot_of
from activities.storage.marketing_had import HAD
from activities.storage.tables import Message

_COUNTED = HAD.where(
    # A message that may have gone and is tried again has its place already.
    not_(
        and_(
            col(Message.enrollment_id) == bindparam("enrollment_id"),
            col(Message.step) == bindparam("step"),
            col(Message.visit) == bindparam("visit"),
            col(Message.channel) == bindparam("channel"),
        )
    ),
)


def free_from(session: Session, caps: FrequencyCaps, customer_id: str, order: Slot, now: datetime) -> datetime:
    """When there is room for a message, as far as is known now.

    Args:
        session: the transaction in which it would be let pass; the customer's row is locked in it.
        caps: all that there are.
        customer_id: whose message.
        order: the message.
        now: journey instant, UTC.

    Returns:
        A journey instant (UTC); `now` if there is room.
    """
    mine = [cap for cap in caps.caps if cap.is_on(order.channel)]
    if not mine:
        return now
    since = now - max(cap.span for cap in mine)
    counted = session.exec(_COUNTED, params={"customer_id": customer_id, "since": since, **slot_of(order)}).all()
    return max(_free_from(cap, counted, now) for cap in mine)


def _free_from(cap: FrequencyCap, counted: Iterable[tuple[str, datetime | None]], now: datetime) -> datetime:
    """When the message that takes the last place leaves the span."""
    places = sorted(at for channel, at in counted if at and at > now - cap.span and cap.is_on(channel))
    return now if len(places) < cap.messages else places[-cap.messages] + cap.span
