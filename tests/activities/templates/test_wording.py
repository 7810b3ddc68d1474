"""Dates, numbers and small words in front of customers."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from activities.templates import wording
from activities.templates.wording import NBSP

LONDON = ZoneInfo("Europe/London")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LONDON)


def plain(words: str) -> str:
    return words.replace(NBSP, " ")


def test_a_date_is_written_in_full() -> None:
    """A customer reads day, month and year in full, with the weekday where a voucher ends."""
    assert plain(wording.long_date(date(2026, 12, 9))) == "9 December 2026"
    assert plain(wording.long_date(date(2027, 1, 31), weekday=True)) == "Sunday 31 January 2027"


def test_a_date_never_breaks_between_day_and_month() -> None:
    """A customer on a narrow screen never sees "24" on one line and "November" on the next."""
    assert wording.long_date(date(2026, 12, 9)) == f"9{NBSP}December 2026"
    assert wording.moment(at(24, 10)) == f"10{NBSP}am on Tuesday 24{NBSP}November"


@pytest.mark.parametrize(
    ("end", "long", "weekday", "short"),
    [
        (at(24, 10), "10 am on Tuesday 24 November", "10 am on Tuesday", "Tue 24 Nov, 10am"),
        (at(26, 10, 30), "10.30 am on Thursday 26 November", "10.30 am on Thursday", "Thu 26 Nov, 10.30am"),
        (at(26, 21), "9 pm on Thursday 26 November", "9 pm on Thursday", "Thu 26 Nov, 9pm"),
        (at(26, 12), "noon on Thursday 26 November", "noon on Thursday", "Thu 26 Nov, noon"),
        (at(26, 12, 30), "12.30 pm on Thursday 26 November", "12.30 pm on Thursday", "Thu 26 Nov, 12.30pm"),
        (at(26, 0, 30), "12.30 am on Thursday 26 November", "12.30 am on Thursday", "Thu 26 Nov, 12.30am"),
        (
            at(24, 0),
            "the end of Monday 23 November",
            "the end of Monday",
            "Mon 23 Nov, 11.59pm",
        ),
    ],
)
def test_the_end_of_a_promise_is_a_moment_nobody_misreads(end: datetime, long: str, weekday: str, short: str) -> None:
    """A customer knows until which hour a promise holds; midnight is said as the end of a day."""
    assert plain(wording.moment(end)) == long
    assert plain(wording.weekday_moment(end, date(2026, 11, 22))) == weekday
    assert wording.short_moment(end) == short


@pytest.mark.parametrize(
    ("end", "today", "words"),
    [
        (at(24, 10), date(2026, 11, 18), "10 am on Tuesday"),
        (at(24, 10), date(2026, 11, 17), "10 am on Tuesday 24 November"),
        (at(25, 0), date(2026, 11, 18), "the end of Tuesday"),
        (at(25, 0), date(2026, 11, 17), "the end of Tuesday 24 November"),
        (at(24, 10), None, "10 am on Tuesday 24 November"),
    ],
)
def test_a_weekday_stands_alone_only_within_a_week(end: datetime, today: date | None, words: str) -> None:
    """A customer never takes the first Tuesday for the second."""
    assert plain(wording.weekday_moment(end, today)) == words


@pytest.mark.parametrize(
    ("end", "long", "short"),
    [
        (at(24, 10), "10 am on Tuesday 24 November 2026", "10 am on 24 November"),
        (at(25, 0), "Tuesday 24 November 2026", "24 November"),
        (at(24, 23, 59), "Tuesday 24 November 2026", "24 November"),
        (at(24, 23), "11 pm on Tuesday 24 November 2026", "11 pm on 24 November"),
    ],
)
def test_an_offer_open_until_a_day_is_open_all_that_day(end: datetime, long: str, short: str) -> None:
    """A customer is told the hour wherever an offer ends before its last day does."""
    assert plain(wording.last_moment(end)) == long
    assert plain(wording.last_moment(end, short=True)) == short


def test_a_date_without_its_year() -> None:
    """A day soon to come needs no year."""
    assert plain(wording.day_and_month(date(2026, 11, 29))) == "29 November"


def test_pieces_are_digits() -> None:
    """A list of products gives their number in digits."""
    assert [wording.pieces(n) for n in (1, 2, 1200)] == ["1 piece", "2 pieces", "1,200 pieces"]


def test_a_short_date_fits_a_text() -> None:
    """A text gives a date with its short month."""
    assert wording.short_date(date(2027, 1, 31)) == "31 Jan 2027"


def test_numbers_to_nine_are_words() -> None:
    """A customer reads "nine" but "10", as British style has it."""
    assert [wording.number_word(n) for n in (0, 1, 3, 9, 10, 12, 1200)] == [
        "no", "one", "three", "nine", "10", "12", "1,200",
    ]  # fmt: skip


def test_a_noun_agrees_with_its_number() -> None:
    """A customer with one missing detail is not told of "one details"."""
    assert wording.counted(1, "detail", "details") == "one detail"
    assert wording.counted(3, "detail", "details") == "three details"
    assert wording.plural(1, "is", "are") == "is"
    assert wording.plural(2, "is", "are") == "are"


def test_points_are_digits() -> None:
    """A sum of points is written in digits with a comma at the thousands."""
    assert [wording.points_of(n) for n in (1, 200, 12000)] == ["1 point", "200 points", "12,000 points"]
    assert wording.grouped(1_000_000) == "1,000,000"


def test_only_the_first_letter_becomes_a_capital() -> None:
    """A sentence that begins with a phrase keeps the phrase's other letters."""
    assert wording.capital("three details of your VAT") == "Three details of your VAT"
    assert wording.capital("") == ""


@pytest.mark.parametrize(
    ("label", "inside"),
    [("Last name", "last name"), ("VAT number", "VAT number"), ("T-shirt size", "T-shirt size"), ("", "")],
)
def test_a_label_joins_a_sentence(label: str, inside: str) -> None:
    """A field's label reads naturally in the middle of a sentence."""
    assert wording.mid_sentence(label) == inside


@pytest.mark.parametrize(
    ("value", "bare"),
    [("£10 off", "£10"), ("15% off", "15%"), ("10% off your next order", None), ("free delivery", None)],
)
def test_the_sum_of_a_voucher_stands_alone(value: str, bare: str | None) -> None:
    """A customer reads "Your £10 voucher", never "Your £10 off voucher"."""
    assert wording.bare_value(value) == bare


def test_the_first_wording_that_fits_is_taken() -> None:
    """A subject that would be cut off gives way to a shorter one."""
    assert wording.fitting(["a long one", "short", "s"], 5) == "short"
    assert wording.fitting(["a long one", "also long"], 3) == "also long"
