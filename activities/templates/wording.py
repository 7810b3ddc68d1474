"""Dates, numbers and small words as customers read them: plain British English, pure functions.

Dates keep together what belongs together by non-breaking spaces; the renderer makes them ordinary
spaces again where a message is plain text.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

NBSP = "\N{NO-BREAK SPACE}"

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def long_date(day: date, weekday: bool = False) -> str:
    """A date in full: ``9 December 2026``, or with its weekday ``Sunday 31 January 2027``."""
    written = f"{day.day}{NBSP}{_MONTHS[day.month - 1]} {day.year}"
    return f"{_DAYS[day.weekday()]} {written}" if weekday else written


def day_and_month(day: date) -> str:
    """A date whose year nobody asks for: ``29 November``."""
    return f"{day.day}{NBSP}{_MONTHS[day.month - 1]}"


def short_date(day: date) -> str:
    """A date for a text message: ``31 Jan 2027``."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def moment(at: datetime) -> str:
    """The end of a promise, to follow "before": ``10 am on Tuesday 24 November``.

    Midnight belongs to no day in most people's minds, so it becomes ``the end of Monday 23 November``.

    Args:
        at: aware, on the customer's clock.
    """
    last = _last_day(at)
    day = f"{_DAYS[last.weekday()]} {day_and_month(last)}"
    return f"the end of {day}" if _is_midnight(at) else f"{_hour(at, NBSP)} on {day}"


def weekday_moment(at: datetime, today: date | None) -> str:
    """The same where space is short and the date stands elsewhere: ``10 am on Tuesday``.

    A week ahead or more, a weekday alone could be read as the next one, so the date is said with it.

    Args:
        at: aware, on the customer's clock.
        today: on the customer's clock; None if it is not known, which is taken for long before.
    """
    day = _last_day(at)
    if today is None or day - today >= timedelta(days=7):
        return moment(at)
    return f"the end of {_DAYS[day.weekday()]}" if _is_midnight(at) else f"{_hour(at, NBSP)} on {_DAYS[day.weekday()]}"


def last_moment(at: datetime, short: bool = False) -> str:
    """The end of a promise, to follow "until": ``10 am on Friday 4 December 2026``, short ``10 am on 4 December``.

    A promise that holds all day long names the day alone: ``Friday 4 December 2026``, short ``4 December``.

    Args:
        at: aware, on the customer's clock.
        short: for a subject, without the weekday and the year.
    """
    last = _last_day(at)
    day = day_and_month(last) if short else long_date(last, weekday=True)
    return day if _is_midnight(at) or (at.hour, at.minute) == (23, 59) else f"{_hour(at, NBSP)} on {day}"


def short_moment(at: datetime) -> str:
    """The same for a text message: ``Thu 26 Nov, 10am``; midnight is ``11.59pm`` of the day before.

    Args:
        at: aware, on the customer's clock.
    """
    at = at - timedelta(minutes=1) if _is_midnight(at) else at
    return f"{_DAYS[at.weekday()][:3]} {at.day} {_MONTHS[at.month - 1][:3]}, {_hour(at, '')}"


def number_word(number: int) -> str:
    """A number in a sentence: in words up to nine, then in digits."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun, in words up to nine: ``one detail``, ``three details``, ``12 details``."""
    return f"{number_word(number)} {one if number == 1 else many}"


def plural(number: int, one: str, many: str) -> str:
    """The form of a word that agrees with a number."""
    return one if number == 1 else many


def pieces(quantity: int) -> str:
    """How many of a product, always in digits: ``1 piece``, ``2 pieces``."""
    return f"{quantity:,} {plural(quantity, 'piece', 'pieces')}"


def points_of(number: int) -> str:
    """A sum of points, always in digits: ``1 point``, ``1,200 points``."""
    return f"{number:,} {plural(number, 'point', 'points')}"


def grouped(number: int) -> str:
    """A number in digits: ``350``, ``1,200``."""
    return f"{number:,}"


def capital(words: str) -> str:
    """Words as the beginning of a sentence; only the first letter changes."""
    return words[:1].upper() + words[1:]


def mid_sentence(label: str) -> str:
    """A label inside a sentence: ``Last name`` to ``last name``, but ``VAT number`` and ``T-shirt`` stay."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def bare_value(value: str) -> str | None:
    """The sum alone of a value such as ``£10 off``: ``£10``; None for one that names no sum."""
    sum_named, off, rest = value.partition(" off")
    return sum_named if off and not rest and any(letter.isdigit() for letter in sum_named) else None


def fitting(candidates: Sequence[str], length: int) -> str:
    """The first of several wordings that is at most `length` characters long; the last one if none is."""
    return next((words for words in candidates if len(words) <= length), candidates[-1])


def _is_midnight(at: datetime) -> bool:
    return (at.hour, at.minute) == (0, 0)


def _last_day(at: datetime) -> date:
    return at.date() - timedelta(days=1) if _is_midnight(at) else at.date()


def _hour(at: datetime, space: str) -> str:
    if (at.hour, at.minute) == (12, 0):
        return "noon"
    minutes = f".{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{space}{'am' if at.hour < 12 else 'pm'}"
