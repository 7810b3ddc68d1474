"""Invented customers, and events that let them in, to begin a rehearsal with."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from activities.storage.tables import Customer
    from workflows.journey import Journey

SOME_DAYS = timedelta(days=21)  # after the day from which a journey takes people in
LETTERS = ("id", "first_name", "last_name", "email", "phone", "country", "locale", "preferred_channel")
CHANNELS = ("email", "sms")  # that a customer agrees to

_ADA = {
    "first_name": "Ada",
    "email": "ada@example.com",
    "phone": "+420601123456",
    "timezone": "Europe/Prague",
    "consent_email": "on",
    "consent_sms": "on",
}
EXAMPLES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "email-and-phone": ("Ada, email and phone", _ADA),
    "complete": ("Complete profile", {**_ADA, "last_name": "Byron", "date_of_birth": "1990-12-10"}),
    "email-only": ("Email only", {**_ADA, "phone": ""}),
    "phone-only": ("Phone only", {**_ADA, "email": ""}),
    "unreachable": ("Unreachable", {"id": "shop-108", "timezone": "Europe/Prague"}),
}
FIRST_EXAMPLE = "email-and-phone"


def fields_of_example(name: str) -> dict[str, str]:
    """The fields of the form for an invented customer."""
    return dict(EXAMPLES[name][1])


def fields_of_customer(customer: "Customer", consents: Mapping[str, bool]) -> dict[str, str]:
    """The fields of the form for a real customer, as they are now.

    Args:
        customer: whose profile.
        consents: decisions by channel; where none was taken, registering meant agreeing.
    """
    fields = {name: str(getattr(customer, name, None) or "") for name in LETTERS}
    fields["id"] = customer.external_id or ""
    fields["date_of_birth"] = customer.date_of_birth.isoformat() if customer.date_of_birth else ""
    fields["timezone"] = customer.timezone
    fields["attributes"] = "\n".join(f"{name} = {written(value)}" for name, value in customer.attributes.items())
    agreed = {f"consent_{channel}": "on" for channel in CHANNELS if consents.get(channel, True)}
    return fields | agreed


def written(value: object) -> str:
    """A value as it stands in a form: a text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def first_start(journey: type["Journey"], values: Mapping[str, Any], now: datetime) -> datetime:
    """When an example begins: now, or some days after the day from which the journey takes people in.

    Args:
        journey: the class.
        values: of its parameters, in JSON form.
        now: journey instant, UTC.
    """
    read = [parameter.value(values) for parameter in journey.parameters().values()]
    return max([now, *(each + SOME_DAYS for each in read if isinstance(each, datetime))])


def example_properties(event_type: str, start: datetime, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the event that lets an example in says.

    Args:
        event_type: the journey's trigger.
        start: when it comes, UTC.
        values: of the journey's parameters, in JSON form.
    """
    match event_type:
        case "order.completed":
            jacket = {
                "sku": "WJ-1",
                "name": "Rain jacket",
                "category": str(values.get("category", "Winter")),
                "price": 89.0,
            }
            return {
                "orderId": "A-1001",
                "completedOn": start.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
                "total": 89.0,
                "currency": "GBP",
                "products": [jacket],
            }
        case "profile.created":
            return {"source": "api"}
    return {}
