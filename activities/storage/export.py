"""Everything we hold about one person as one document (GDPR, Art. 15 and 20). docs/privacy.md names its keys."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, or_, select

from activities.channels import Channel
from activities.storage import enrollments, timeline_view
from activities.storage.facts import Reachability
from activities.storage.tables import (
    Confirmation,
    Consent,
    Customer,
    Enrollment,
    InboxEvent,
    Message,
    PointsEntry,
    ProfileIncrease,
    ProviderCallback,
    TopicConsent,
    TrackedLink,
    Voucher,
)
from activities.storage.timeline_view import instant
from activities.storage.vouchers import ASSIGNED

FORMAT = "sojourn-export/1"

# The document's names of what stands in a row, in their order; a row's own name is given where it differs.
PROFILE = {
    "customer_id": "id", "id": "external_id", "first_name": "", "last_name": "", "email": "", "phone": "",
    "date_of_birth": "", "timezone": "", "timezone_source": "", "country": "", "locale": "", "preferred_channel": "",
    "attributes": "", "source": "", "created_at": "", "registered_at": "",
}  # fmt: skip
CONSENT = {"channel": "", "given": "", "source": "", "reason": "", "changed_at": ""}
TOPIC = {"topic": "", "given": "", "source": "", "changed_at": ""}
CONFIRMATION = {
    "confirmed_at": "", "source": "", "channel": "", "enrollment": "enrollment_id", "text_version": "",
}  # fmt: skip
ENROLLMENT = {
    "id": "", "journey": "", "state": "", "outcome": "", "reason": "", "arm": "", "step": "", "trigger": "trigger_type",
    "trigger_properties": "", "parameters": "", "held": "", "hold_reason": "", "cancel_reason": "", "enrolled_at": "",
    "started_at": "", "ended_at": "",
}  # fmt: skip
MESSAGE = {
    "id": "", "enrollment": "enrollment_id", "step": "", "channel": "", "template": "", "class": "message_class",
    "state": "", "reason": "", "delivery": "", "provider": "", "provider_id": "", "asked_at": "first_asked_at",
    "decided_at": "", "to": "", "subject": "", "text": "", "html": "", "headers": "",
}  # fmt: skip
CALLBACK = {
    "provider": "", "kind": "", "message": "message_id", "at": "", "text": "", "word": "", "reason": "",
}  # fmt: skip
LINK = {"message": "message_id", "target": "", "created_at": ""}
VOUCHER = {
    "design": "", "state": "", "code": "", "enrollment": "enrollment_id", "step": "", "valid_until": "",
    "reserved_at": "", "assigned_at": "",
}  # fmt: skip
POINTS = {"amount": "", "balance": "", "enrollment": "enrollment_id", "step": "", "awarded_at": ""}
INCREASE = {"field": "", "amount": "", "enrollment": "enrollment_id", "step": "", "applied_at": ""}
EVENT = {
    "source": "", "event_id": "", "type": "", "occurred_at": "", "received_at": "", "arrived_at": "", "properties": "",
}  # fmt: skip


def export(session: Session, customer: Customer, reachability: Reachability, now: datetime) -> dict[str, Any]:
    """The document, ready for JSON: the same data give the same document, but for ``exported_at``.

    No secrets are in it: codes that are kept for a promise, short links, hashes.

    Args:
        session: any transaction.
        customer: whose.
        reachability: knows the suppression list.
        now: wall-clock instant, UTC.
    """
    entered = enrollments.of_customer(session, customer)
    ids = [row.id for row in entered]
    mine = customer.id
    messages = session.exec(
        select(Message)
        .where(Message.customer_id == mine)
        .order_by(col(Message.first_asked_at), col(Message.step), col(Message.visit), col(Message.channel))
    ).all()
    message_ids = [row.id for row in messages]
    callbacks = or_(col(ProviderCallback.customer_id) == mine, col(ProviderCallback.message_id).in_(message_ids))
    return {
        "format": FORMAT,
        "exported_at": instant(now),
        "profile": _said(customer, PROFILE),
        "consents": _all(session, select(Consent).where(Consent.customer_id == mine), CONSENT, "channel"),
        "topics": _all(session, select(TopicConsent).where(TopicConsent.customer_id == mine), TOPIC, "topic"),
        "confirmations": _all(
            session, select(Confirmation).where(Confirmation.customer_id == mine), CONFIRMATION, "confirmed_at"
        ),
        "suppressed": [
            {"channel": channel.value, "reason": reason}
            for channel in Channel
            if (reason := reachability.suppressed(session, customer, channel)) is not None
        ],
        "enrollments": [_said(row, ENROLLMENT) for row in entered],
        "timeline": _timeline(session, entered),
        "messages": [_said(row, MESSAGE) for row in messages],
        "callbacks": _all(session, select(ProviderCallback).where(callbacks), CALLBACK, "at", "provider", "id"),
        "links": _all(session, select(TrackedLink).where(TrackedLink.customer_id == mine), LINK, "created_at", "id"),
        "vouchers": [
            # A code that is kept for a promise is nobody's yet.
            _said(row, VOUCHER) | ({} if row.state == ASSIGNED else {"code": None})
            for row in _rows(session, select(Voucher).where(col(Voucher.enrollment_id).in_(ids)), "reserved_at", "id")
        ],
        "points": _all(session, select(PointsEntry).where(PointsEntry.customer_id == mine), POINTS, "awarded_at", "id"),
        "increases": _all(
            session, select(ProfileIncrease).where(ProfileIncrease.customer_id == mine), INCREASE, "applied_at", "id"
        ),
        "events": _all(
            session, select(InboxEvent).where(InboxEvent.customer_id == mine), EVENT, "received_at", "event_id"
        ),
    }


def _timeline(session: Session, entered: Iterable[Enrollment]) -> list[dict[str, Any]]:
    """As the timeline's route gives it, journey by journey."""
    return [{"enrollment": row.id, **entry} for row in entered for entry in timeline_view.entries(session, row.id)]


def _all(session: Session, statement: Any, names: Mapping[str, str], *order: str) -> list[dict[str, Any]]:
    return [_said(row, names) for row in _rows(session, statement, *order)]


def _rows(session: Session, statement: Any, *order: str) -> list[Any]:
    """Ordered here: the two databases sort texts each in its own way, and absent values, too."""
    return sorted(
        session.exec(statement).all(),
        key=lambda row: [(at is not None, at or "") for at in (getattr(row, n) for n in order)],
    )


def _said(row: SQLModel, names: Mapping[str, str]) -> dict[str, Any]:
    return {name: _json(getattr(row, own or name)) for name, own in names.items()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else value
