"""Dates of birth, as one ISO date or as the three parts of a form."""

import re
from collections.abc import Iterable
from datetime import date

from api.values.errors import WrongValueError

EARLIEST_YEAR = 1900
LONGEST_PART = 4  # digits; a number of more is no day or month, and might be one that no computer takes
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAY, MONTH, YEAR = "birth_day", "birth_month", "birth_year"


def date_of_birth(text: str, today: date) -> date:
    """A date of birth from its ISO form.

    Args:
        text: ``YYYY-MM-DD``.
        today: on the customer's clock, or the latest date anywhere.

    Raises:
        WrongValueError: it is no such date, in the future or before 1900.
    """
    if not ISO_DATE.fullmatch(text):
        raise WrongValueError("Please write the date as year-month-day, for example 1990-03-27.")
    year, month, day = (int(part) for part in text.split("-"))
    return _real_date(year, month, day, today)


def date_of_birth_from_parts(day: str, month: str, year: str, today: date) -> date:
    """A date of birth from the three inputs of a form.

    Args:
        day: as typed.
        month: as typed.
        year: as typed.
        today: on the customer's clock.

    Raises:
        WrongValueError: a part is missing or wrong; `parts` names the inputs.
    """
    typed = {DAY: day.strip(), MONTH: month.strip(), YEAR: year.strip()}
    labels = {DAY: "day", MONTH: "month", YEAR: "year"}
    empty = tuple(part for part, text in typed.items() if not text)
    if empty:
        missing = _listed(labels[part] for part in empty)
        verb = "is" if len(empty) == 1 else "are"
        raise WrongValueError(f"Please fill in the {missing}, too.", f"the {missing} {verb} missing", empty)
    no_number = tuple(part for part, text in typed.items() if not (text.isascii() and text.isdigit()))
    if no_number:
        wrong = _listed(labels[part] for part in no_number)
        verb = "needs" if len(no_number) == 1 else "need"
        raise WrongValueError(f"Please write the {wrong} in digits.", f"the {wrong} {verb} digits", no_number)
    if len(typed[YEAR]) != len("1990"):
        raise WrongValueError(
            "Please write the year with four digits, for example 1990.", "the year needs four digits", (YEAR,)
        )
    number = {part: int(text[:LONGEST_PART]) for part, text in typed.items()}
    return _real_date(number[YEAR], number[MONTH], number[DAY], today)


def _listed(words: Iterable[str]) -> str:
    """``day``, ``day and month``, ``day, month and year``."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _real_date(year: int, month: int, day: int, today: date) -> date:
    if not 1 <= month <= len(MONTHS):
        raise WrongValueError("There are only twelve months. Please check it.", "no such month", (MONTH,))
    if year < EARLIEST_YEAR:
        raise WrongValueError(f"This is before {EARLIEST_YEAR}. Please check the year.", "too long ago", (YEAR,))
    try:
        found = date(year, month, day)
    except ValueError:
        raise _no_such_day(year, month, day) from None
    if found > today:
        raise WrongValueError("This date is still to come. Please check the year.", "still to come", (YEAR,))
    return found


def _no_such_day(year: int, month: int, day: int) -> WrongValueError:
    if not 1 <= day <= max(LONGEST):
        return WrongValueError("No month has such a day. Please check it.", "no such day", (DAY,))
    where = MONTHS[month - 1] if day > LONGEST[month - 1] else f"{MONTHS[month - 1]} {year}"
    short = f"{where} has no {_ordinal(day)} day"
    return WrongValueError(f"{short}. Please check day and month.", short, (DAY, MONTH))


def _ordinal(day: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th") if day not in (11, 12, 13) else "th"
    return f"{day}{suffix}"
