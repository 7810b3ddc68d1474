"""An enrollment's timeline as people read it: the recorded lines joined with the tables they point to."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from activities.storage.tables import Customer, Enrollment, Message, TimelineEntry, Voucher

# Keys by kind, in the order of the contract (design section 5).
KEYS = {
    "wait": ("until", "why"),
    "check": ("condition", "result"),
    "message": ("channel", "template", "result", "to", "subject", "body"),
    "voucher": ("design", "code"),
    "points": ("amount", "balance"),
    "profile": ("field", "value"),
    "split": ("split", "arm"),
    "webhook": ("url", "headers", "body", "result"),
    "event": ("type",),
    "outcome": ("outcome", "reason"),
}

FROM_CALLBACKS = ("delivery", "note")  # what providers told later; such entries alone have these keys


def entries(session: Session, enrollment_id: str) -> list[dict[str, Any]]:
    """The timeline of an enrollment, the oldest entry first.

    Each has ``at`` (UTC), ``local`` (the customer's clock), ``kind``, ``step`` and the keys of its kind.
    """
    rows = session.exec(
        select(TimelineEntry).where(TimelineEntry.enrollment_id == enrollment_id).order_by(col(TimelineEntry.seq))
    ).all()
    enrollment = session.get(Enrollment, enrollment_id)
    customer = None if enrollment is None else session.get(Customer, enrollment.customer_id)
    zone = ZoneInfo(customer.timezone if customer else "UTC")
    kinds = {row.kind for row in rows}
    messages = _messages(session, enrollment_id) if kinds & {"message", "webhook"} else {}
    codes = _codes(session, enrollment_id) if "voucher" in kinds else {}
    view = []
    for row in rows:
        data = dict(row.data)
        if row.kind == "message":
            data |= _words(messages.get(data.get("message_id", "")))
        elif row.kind == "webhook":
            data |= _call(messages.get(data.get("message_id", "")))
        elif row.kind == "voucher":
            data["code"] = codes.get(data.get("voucher_id", ""))
        elif row.kind == "wait":
            data["until"] = _utc(data.get("until"))
        keys = (*KEYS.get(row.kind, tuple(data)), *(key for key in FROM_CALLBACKS if data.get(key)))
        view.append(
            {
                "at": instant(row.at),
                "local": row.at.astimezone(zone).isoformat(),
                "kind": row.kind,
                "step": row.step,
                **{key: data.get(key) for key in keys},
                **({"reason": data["reason"]} if "reason" in data and "reason" not in keys else {}),
            }
        )
    return view


def instant(at: datetime) -> str:
    """ISO 8601 in UTC with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _utc(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    return instant(datetime.fromisoformat(text))


def _words(message: Message | None) -> dict[str, Any]:
    """What the customer read; nothing where no message was written."""
    if message is None:
        return {"to": None, "subject": None, "body": None}
    words = {"to": message.to or None, "subject": message.subject or None, "body": message.text or None}
    return words | ({"delivery": message.delivery} if message.delivery else {})


def _call(message: Message | None) -> dict[str, Any]:
    """What was said to another system, as the ledger has it: without secrets; nothing where nothing was said."""
    if message is None:
        return {"url": None, "headers": None, "body": None}
    body = json.loads(message.text) if message.text else None  # an erasure leaves none
    return {"url": message.to or None, "headers": message.headers, "body": body}


def _messages(session: Session, enrollment_id: str) -> dict[str, Message]:
    rows = session.exec(select(Message).where(Message.enrollment_id == enrollment_id))
    return {row.id: row for row in rows}


def _codes(session: Session, enrollment_id: str) -> dict[str, str]:
    rows = session.exec(select(Voucher).where(Voucher.enrollment_id == enrollment_id))
    return {row.id: row.code for row in rows}
