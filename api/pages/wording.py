"""Dates, numbers and masked addresses as customers read them: plain British English, pure functions."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from activities.channels import Channel
from activities.storage.tables import Customer

NBSP = "\N{NO-BREAK SPACE}"
BULLETS = "•••"
SHOWN_DIGITS = 3

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun, as the beginning of a sentence: ``Three details``."""
    word = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{word.capitalize()} {one if number == 1 else many}"


def all_of(number: int) -> str:
    """Everything that is asked for: ``it is``, ``both are``, ``all three are``."""
    if number <= 1:
        return "it is"
    if number == 2:
        return "both are"
    return f"all {_NUMBERS[number] if number < len(_NUMBERS) else number} are"


def end_of_promise(at: datetime) -> str:
    """To follow "before": ``10 am on Tuesday 24 November``; midnight is the end of the day before.

    Args:
        at: aware, on the customer's clock; the gate has rounded it down.
    """
    midnight = (at.hour, at.minute) == (0, 0)
    day = at - timedelta(days=1) if midnight else at
    date = f"{_DAYS[day.weekday()]} {day.day}{NBSP}{_MONTHS[day.month - 1]}"
    return f"the end of {date}" if midnight else f"{hour(at.hour, at.minute)} on {date}"


def long_date(day: date) -> str:
    """``31 January 2027``."""
    return f"{day.day}{NBSP}{_MONTHS[day.month - 1]} {day.year}"


def hour(hours: int, minutes: int) -> str:
    """A time of day: ``9 am``, ``noon``, ``9.30 pm``."""
    if (hours, minutes) == (12, 0):
        return "noon"
    tail = f".{minutes:02}" if minutes else ""
    return f"{hours % 12 or 12}{tail}{NBSP}{'am' if hours < 12 else 'pm'}"


def listed(words: Sequence[str]) -> str:
    """Words in a row: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def mid_sentence(label: str) -> str:
    """A label inside a sentence: ``Last name`` to ``last name``, but ``VAT number`` stays."""
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label


def hint(reason: str) -> str:
    """The end of "we ask ..." as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:]}." if reason else ""


def masked(customer: Customer, channel: Channel) -> str:
    """Where a channel reaches the customer, for someone who knows it already; empty if nowhere."""
    if channel is Channel.EMAIL:
        local, _, domain = (customer.email or "").rpartition("@")
        return f"{local[:1]}{BULLETS}@{domain}" if local else ""
    if channel is Channel.PUSH:
        return ""  # a token tells nobody anything
    return f"the number ending in {customer.phone[-SHOWN_DIGITS:]}" if customer.phone else ""
