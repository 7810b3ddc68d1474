"""Decisions by topic: whoever declines one still hears of the others."""

from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from activities.storage.tables import TopicConsent

# Every send asks this; built once.
_DECISION = select(TopicConsent.given).where(
    col(TopicConsent.customer_id) == bindparam("customer_id"), col(TopicConsent.topic) == bindparam("topic")
)


def decide(
    session: Session, customer_id: str, topic: str, *, given: bool, source: str, now: datetime, only_empty: bool = False
) -> bool:
    """Record a customer's decision about a topic.

    Args:
        session: a writing transaction.
        customer_id: whose decision.
        topic: its code.
        given: whether they want to hear of it.
        source: where they said so.
        now: wall-clock instant, UTC.
        only_empty: leave a decision that was taken before as it is.

    Returns:
        Whether that is new.
    """
    known = session.get(TopicConsent, (customer_id, topic))
    if known is None:
        session.add(TopicConsent(customer_id=customer_id, topic=topic, given=given, source=source, changed_at=now))
        return True
    if only_empty or known.given == given:
        return False
    known.given, known.source, known.changed_at = given, source, now
    session.add(known)
    return True


def decisions(session: Session, customer_id: str) -> dict[str, bool]:
    """The decisions a customer has taken, by topic."""
    rows = session.exec(select(TopicConsent).where(TopicConsent.customer_id == customer_id))
    return {row.topic: row.given for row in rows}


def declined(session: Session, customer_id: str, topic: str) -> bool:
    """Whether a customer wants to hear nothing of a topic; silence is no."""
    with session.no_autoflush:  # what a gate has changed so far is no decision of the customer's
        given = session.execute(_DECISION, {"customer_id": customer_id, "topic": topic}).scalar()
    return given is False
