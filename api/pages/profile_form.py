"""The profile form: what was typed into it, checked field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from activities.storage.customers import ProfileChanges
from api import values
from api.values.errors import WrongValueError

BIRTH_PARTS = ("birth_day", "birth_month", "birth_year")
LONGEST_TYPED = 1000


@dataclass(frozen=True)
class Checked:
    """What came of a form.

    Attributes:
        changes: what can be stored.
        errors: what cannot, by attribute.
    """

    changes: ProfileChanges
    errors: dict[str, WrongValueError] = field(default_factory=dict)


def check(asked: tuple[str, ...], typed: Mapping[str, str], *, today: date, ask_consent: bool) -> Checked:
    """Check the fields that were asked for; others are not looked at (guarantees E2).

    Args:
        asked: attributes that the form may set.
        typed: what was typed, by name of the input.
        today: on the customer's clock.
        ask_consent: whether the form asked for consent to texts.
    """
    standard: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    errors: dict[str, WrongValueError] = {}
    for name in asked:
        if not _filled(name, typed):
            continue
        try:
            value = _value(name, typed, today)
        except WrongValueError as error:
            errors[name] = error
            continue
        (standard if is_standard(name) else custom)[name] = value
    consents = {"sms": typed.get("text_consent") == "yes"} if ask_consent and "phone" in standard else {}
    return Checked(ProfileChanges(standard, custom, consents), errors)


def is_standard(name: str) -> bool:
    """Whether an attribute has a column of its own."""
    return name in ("first_name", "last_name", "email", "phone", "date_of_birth", "country", "locale")


def _filled(name: str, typed: Mapping[str, str]) -> bool:
    inputs = BIRTH_PARTS if name == "date_of_birth" else (name,)
    return any(typed.get(part, "").strip() for part in inputs)


def _value(name: str, typed: Mapping[str, str], today: date) -> Any:
    if name == "date_of_birth":
        day, month, year = (typed.get(part, "") for part in BIRTH_PARTS)
        return values.date_of_birth_from_parts(day, month, year, today)
    text = typed[name].strip()
    if len(text) > LONGEST_TYPED:
        raise WrongValueError(f"Please use at most {LONGEST_TYPED} characters.", "too long")
    match name:
        case "first_name" | "last_name":
            return values.name(text)
        case "email":
            return values.email(text)
        case "phone":
            return values.phone(text, typed.get("phone_country") or None)
        case "country":
            return values.country(text)
        case "locale":
            return values.locale(text)
        case _:
            return values.attribute(text)
