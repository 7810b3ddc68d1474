"""Callbacks of providers: each is stored once and takes effect in the same transaction.

A callback that overtakes the answer to its own message is found by our id, which most providers hand back. Where one
names only its own id, it is parked, and merged as soon as the message has that id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, or_, select, update

from activities.callbacks import Callback, Kind
from activities.sms_words import Word
from activities.storage import customers, inbound_texts, intake, message_reports, soft_bounces
from activities.storage.intake import Event
from activities.storage.message_reports import Reception
from activities.storage.tables import Customer, Enrollment, Message, ProviderCallback, Voucher

VOUCHER_REDEEMED = "voucher.redeemed"
APPLIED, PARKED, IGNORED = "applied", "parked", "ignored"
PARKED_FOR = timedelta(days=2)  # longer than any attempt may stay unclear; then it is about somebody else's message


@dataclass(frozen=True)
class Taken:
    """What a callback came to.

    Attributes:
        tell: enrollments with something new in the outbox.
        asks_for_help: the customer who wrote wants an answer, and has none yet.
    """

    tell: Sequence[str] = ()
    asks_for_help: bool = False


def take(session: Session, reception: Reception, callback: Callback, more_stop_words: Sequence[str] = ()) -> Taken:
    """Store a callback and let it take effect; a repetition changes nothing.

    Args:
        session: a writing transaction.
        reception: where it arrived.
        callback: as its parser read it.
        more_stop_words: taken for STOP in texts, too.
    """
    if session.get(ProviderCallback, (callback.provider, callback.id)) is not None:
        return Taken()
    row = ProviderCallback(
        provider=callback.provider,
        id=callback.id,
        kind=callback.kind.value,
        provider_id=callback.provider_id,
        reason=callback.reason,
        machine=callback.machine,
        at=min(callback.at, reception.now),
        received_at=reception.now,
    )
    session.add(row)
    session.flush()
    if callback.kind is Kind.REDEEMED:
        return Taken(_redeemed(session, reception, callback, row))
    message_id = _message_of(session, callback)
    number = callback.address if callback.address.startswith("+") else ""
    if callback.kind is Kind.RECEIVED or (callback.kind in (Kind.OPTED_OUT, Kind.OPTED_IN) and number):
        tell = inbound_texts.hear(session, reception, callback, row, more_stop_words)
        return Taken(tell, row.word == Word.HELP and not callback.answered)
    if message_id is None:
        row.state = PARKED if callback.provider_id else IGNORED
        return Taken()
    return Taken(_merge(session, reception, callback, row, message_id))


def merge_parked(session: Session, reception: Reception) -> list[str]:
    """Merge what was parked and whose message is known by now.

    Args:
        session: a writing transaction.
        reception: where they arrived.

    Returns:
        Enrollments with something new in the outbox.
    """
    tell: list[str] = []
    for row, message_id in _findable(session, reception):
        callback = Callback(
            row.provider, row.id, Kind(row.kind), row.at, "", row.provider_id, reason=row.reason, machine=row.machine
        )
        tell += _merge(session, reception, callback, row, message_id)
    return tell


def any_to_merge(session: Session, reception: Reception) -> bool:
    """Whether `merge_parked` would find something."""
    return bool(_findable(session, reception))


def forget_texts(session: Session, customer_id: str) -> None:
    """Blank what an erased customer wrote, and what providers wrote about their messages.

    That they wrote STOP, and when, stays as evidence.
    """
    messages = select(Message.id).where(Message.customer_id == customer_id)
    theirs = or_(col(ProviderCallback.customer_id) == customer_id, col(ProviderCallback.message_id).in_(messages))
    session.exec(update(ProviderCallback).where(theirs).values(text="", reason=""))


def _findable(session: Session, reception: Reception) -> list[tuple[ProviderCallback, str]]:
    statement = (
        select(ProviderCallback, Message.id)
        .join(
            Message,
            (col(Message.provider) == col(ProviderCallback.provider))
            & (col(Message.provider_id) == col(ProviderCallback.provider_id)),
        )
        .where(ProviderCallback.state == PARKED, ProviderCallback.received_at > reception.now - PARKED_FOR)
        .order_by(col(ProviderCallback.received_at), col(ProviderCallback.id))
    )
    return list(session.exec(statement).all())


def _merge(
    session: Session, reception: Reception, callback: Callback, row: ProviderCallback, message_id: str
) -> Sequence[str]:
    merged = message_reports.merge(session, reception, callback, message_id)
    row.message_id = message_id
    row.state = APPLIED if merged else IGNORED
    row.customer_id = merged.customer_id if merged else ""
    if not row.customer_id:
        row.reason = ""  # the provider's words may quote the address of somebody who was erased
    session.add(row)
    if row.customer_id and callback.kind not in (Kind.QUEUED, Kind.SENT):
        session.flush()
        soft_bounces.judge(session, reception.reachability, message_id, reception.now)
    return merged.tell if merged else ()


def _message_of(session: Session, callback: Callback) -> str | None:
    """Id of the message that a callback is about."""
    if callback.key:
        found = session.exec(select(Message.id).where(Message.id == callback.key)).first()
        if found is not None:
            return found
    if not callback.provider_id:
        return None
    return session.exec(
        select(Message.id).where(Message.provider == callback.provider, Message.provider_id == callback.provider_id)
    ).first()


def _redeemed(session: Session, reception: Reception, callback: Callback, row: ProviderCallback) -> list[str]:
    """Tell the journeys of the customer who was given the code; else of the one whom the provider names."""
    owner = session.exec(
        select(Enrollment.customer_id)
        .join(Voucher, col(Voucher.enrollment_id) == col(Enrollment.id))
        .where(Voucher.code == callback.code)
    ).first()
    customer: Customer | None = customers.find(session, owner or callback.customer, locked=True)
    if customer is None:
        row.state = IGNORED
        return []
    row.customer_id = customer.id
    event_id = f"{VOUCHER_REDEEMED}/{callback.provider}/{callback.id}"
    event = Event(event_id, VOUCHER_REDEEMED, callback.at, {"code": callback.code}, source="provider")
    intake.accept(session, event, customer, reception.admission, reception.now)
    return intake.open_ids(session, customer)
