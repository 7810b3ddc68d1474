"""A journey's parameters as staff read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from activities.arms import Arms
from activities.send_window import EVERY_DAY, SendWindow
from api.console.numbers import spelled
from workflows.journey import Template

if TYPE_CHECKING:
    from workflows.journey import Journey

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


@dataclass(frozen=True)
class Setting:
    """A parameter as it is now.

    Attributes:
        name: in the code.
        label: in words.
        purpose: what it decides.
        value: in words.
        default: what the code says, in words.
        changed: whether it was changed.
    """

    name: str
    label: str
    purpose: str
    value: str
    default: str
    changed: bool


def settings(journey: type["Journey"], overrides: Mapping[str, Any]) -> list[Setting]:
    """All parameters of a journey, in the order of its code.

    Args:
        journey: the class.
        overrides: what staff have changed, in JSON form.
    """
    return [
        Setting(
            name,
            label(name),
            parameter.purpose,
            said(parameter.value(overrides)),
            said(parameter.default),
            name in overrides,
        )
        for name, parameter in journey.parameters().items()
    ]


def label(name: str) -> str:
    """``first_wait`` as ``First wait``."""
    words = spelled(name.replace("_", " "))
    return words[:1].upper() + words[1:]


def said(value: object) -> str:
    """A value in words."""
    match value:
        case timedelta():
            return length(value)
        case SendWindow():
            days = "" if value.days == EVERY_DAY else ", " + " ".join(WEEKDAYS[day] for day in value.days)
            return f"{value.opens}–{value.closes}{days}"
        case datetime():
            return f"{value.day} {value:%b %Y, %H:%M} UTC"
        case tuple():
            return ", ".join(str(each) for each in value).replace("_", " ")
        case Arms():
            return ", ".join(f"{arm} {weight:g}" for arm, weight in value.weights.items())
        case Enum():
            return str(value.value)
        case Template():
            name, _, variant = value.replace("-", " ").partition("  ")
            return f"{name}: {variant}" if variant else name
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def length(span: timedelta) -> str:
    """``3 days``, ``1 day 12 hours``."""
    rest, words = round(span.total_seconds()), []
    for unit, seconds in UNITS:
        number, rest = divmod(rest, seconds)
        if number:
            words.append(f"{number} {unit}{'' if number == 1 else 's'}")
    return " ".join(words) or "no time"
