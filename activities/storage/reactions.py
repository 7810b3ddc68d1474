"""What became of messages after they were sent, as far as it was reported: each kind once a message."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from activities.storage.counts import Change, Measure, count
from activities.storage.ledger import SENT_OR_MAY_BE
from activities.storage.tables import Customer, Enrollment, Message, Reaction, Redemption, Voucher
from activities.storage.upserts import insert_new
from activities.storage.vouchers import ASSIGNED

CONSENT_WITHDRAWN = "consent.withdrawn"
VOUCHER_REDEEMED = "voucher.redeemed"
LEFT_BECAUSE_OF = timedelta(days=7)  # an opt-out is put down to the last message before it, unless that is older


class Kind(StrEnum):
    """What can become of a message; what machines do stays apart (guarantees E4)."""

    DELIVERED = "delivered"
    OPENED = "opened"
    OPENED_BY_MACHINE = "opened by machine"
    CLICKED = "clicked"
    CLICKED_BY_MACHINE = "clicked by machine"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


_KINDS = {
    f"message.{kind}": kind for kind in (Kind.DELIVERED, Kind.OPENED, Kind.CLICKED, Kind.BOUNCED, Kind.COMPLAINED)
}
_BY_MACHINE = {Kind.OPENED: Kind.OPENED_BY_MACHINE, Kind.CLICKED: Kind.CLICKED_BY_MACHINE}


def happened(
    session: Session, customer: Customer, event_type: str, properties: Mapping[str, Any], now: datetime
) -> None:
    """Count what an event says about a message or a voucher.

    Args:
        session: the transaction in which the event is stored.
        customer: to whom it happened.
        event_type: of the event; most say nothing about either.
        properties: of the event.
        now: journey instant at which it arrived, UTC.
    """
    if event_type == VOUCHER_REDEEMED:
        _redeemed(session, properties.get("code"), now)
    elif event_type == CONSENT_WITHDRAWN:
        message = _last_message(session, customer, properties.get("channel"), now)
        _reacted(session, message, Kind.UNSUBSCRIBED, now)
    elif (kind := _KINDS.get(event_type)) is not None:
        message = session.get(Message, str(properties.get("message_id", "")))
        if message is not None and message.customer_id == customer.id:
            machine = properties.get("machine") is True
            _reacted(session, message, _BY_MACHINE.get(kind, kind) if machine else kind, now)


def _reacted(session: Session, message: Message | None, kind: Kind, now: datetime) -> None:
    if message is None:
        return
    row = {"message_id": message.id, "kind": kind.value, "at": now, "asked_at": message.first_asked_at}
    if not insert_new(session, Reaction, row):
        return
    enrollment = session.get_one(Enrollment, message.enrollment_id)
    count(session, enrollment, [Change(Measure.REACTION, message.step, kind.value)])


def _last_message(session: Session, customer: Customer, channel: object, now: datetime) -> Message | None:
    statement = select(Message).where(
        Message.customer_id == customer.id,
        Message.channel == channel,
        col(Message.state).in_(SENT_OR_MAY_BE),
        col(Message.decided_at) > now - LEFT_BECAUSE_OF,
    )
    return session.exec(statement.order_by(col(Message.decided_at).desc()).limit(1)).first()


def _redeemed(session: Session, code: object, now: datetime) -> None:
    voucher = session.get(Voucher, code) if isinstance(code, str) else None
    if voucher is None or voucher.state != ASSIGNED:
        return
    if not insert_new(session, Redemption, {"voucher_id": voucher.id, "at": now}):
        return
    enrollment = session.get_one(Enrollment, voucher.enrollment_id)
    count(session, enrollment, [Change(Measure.VOUCHER, voucher.design, "redeemed")])
