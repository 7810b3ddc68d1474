"""What a call says: the values that a journey named, as data, with the secrets left out until the call is made."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, select

from activities.storage.tables import Customer, Enrollment, PointsEntry, Voucher
from activities.storage.timeline_view import instant
from activities.webhooks import FROM, HIDDEN, PREFIX, SECRET, WebhookOrder

Lookup = Callable[[str], Any]


def values_of(session: Session, order: WebhookOrder, enrollment: Enrollment, customer: Customer) -> Lookup:
    """What the names in a call stand for, now.

    Args:
        session: the transaction in which the call is let pass.
        order: the call.
        enrollment: whose journey.
        customer: whom it is about.

    Returns:
        A function from a name (`activities.webhooks.NAMES`) to a JSON value; None where nothing is known.
    """

    def look_up(name: str) -> Any:
        start, _, rest = name.partition(".")
        match start:
            case "attributes":
                return customer.attributes.get(rest)
            case "event":
                return enrollment.trigger_properties.get(rest)
            case "voucher" | "points":
                return _reward(session, order, customer, name)
            case "customer_id":
                return customer.external_id or customer.id
            case "date_of_birth":
                return customer.date_of_birth.isoformat() if customer.date_of_birth else None
            case "occurred_at":
                return instant(enrollment.enrolled_at)
            case "enrollment_id":
                return enrollment.id
            case "template":
                return order.template
            case "first_name" | "last_name" | "email" | "phone" | "country" | "locale":
                return getattr(customer, name)
        raise LookupError(f"a webhook knows no {name!r}")

    return look_up


def without_secrets(declared: Any, look_up: Lookup) -> Any:
    """A declared document with its values in place, and `HIDDEN` where its secrets are: fit for tables and people."""

    def fill(leaf: Mapping[str, Any]) -> Any:
        return look_up(leaf[FROM]) if FROM in leaf else leaf[PREFIX] + HIDDEN

    return _filled(declared, None, lambda leaf, _: fill(leaf))


def with_secrets(declared: Any, stored: Any, secret: Callable[[str], str]) -> Any:
    """A stored document with its secrets in place.

    A secret stands only where the declaration has one: nothing that a customer or an event brought can ask for it.

    Args:
        declared: what the journey declared.
        stored: what `without_secrets` made of it.
        secret: from a name to its value.
    """

    def fill(leaf: Mapping[str, Any], found: Any) -> Any:
        return leaf[PREFIX] + secret(leaf[SECRET]) if SECRET in leaf else found

    return _filled(declared, stored, fill)


def _filled(declared: Any, stored: Any, fill: Callable[[Mapping[str, Any], Any], Any]) -> Any:
    """A document with every named leaf filled in; `stored` is walked alongside, where there is one."""
    match declared:
        case Mapping() if FROM in declared or SECRET in declared:
            return fill(declared, stored)
        case Mapping():
            return {key: _filled(each, stored and stored[key], fill) for key, each in declared.items()}
        case list() | tuple():
            return [_filled(each, stored and stored[number], fill) for number, each in enumerate(declared)]
        case _:
            return declared


def _reward(session: Session, order: WebhookOrder, customer: Customer, name: str) -> Any:
    if name.startswith("voucher."):
        voucher = session.exec(
            select(Voucher).where(Voucher.id == order.hands_over, Voucher.enrollment_id == order.enrollment_id)
        ).first()
        if voucher is None:
            return None
        return voucher.code if name == "voucher.code" else voucher.valid_until and voucher.valid_until.isoformat()
    award = session.exec(
        select(PointsEntry).where(PointsEntry.id == order.hands_over, PointsEntry.enrollment_id == order.enrollment_id)
    ).first()
    if name == "points.issued":
        return award.amount if award else 0
    if award is not None:
        return award.balance
    balance = select(func.coalesce(func.sum(PointsEntry.amount), 0)).where(PointsEntry.customer_id == customer.id)
    return session.exec(balance).one()
