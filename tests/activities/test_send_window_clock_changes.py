"""The send window at every clock change of every time zone, held against a brute-force oracle.

The oracle shares no code with the window: it walks along the clock and looks whether it is inside.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from activities.send_window import EVERY_DAY, SendWindow

ZONES = sorted(available_timezones() - {"localtime"})  # that one is the machine's own zone under another name
YEARS = range(2025, 2038)
DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
TICK = timedelta.resolution


def utc(text: str) -> datetime:
    """An instant from "2026-06-01 09:00", UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def seconds(clock: str) -> int:
    """Seconds since midnight of "09:00" or "09:00:30"."""
    return sum(int(part) * unit for part, unit in zip(clock.split(":"), (3600, 60, 1), strict=False))


def inside(window: SendWindow, wall: datetime) -> bool:
    """Membership by its definition: `[opens, closes)`; what runs past midnight belongs to the day before."""
    opens, closes = seconds(window.opens), seconds(window.closes)
    clock = wall.hour * 3600 + wall.minute * 60 + wall.second
    today, yesterday = wall.weekday() in window.days, (wall.weekday() + 6) % 7 in window.days
    return (opens <= clock < (closes if closes > opens else 86400) and today) or (clock < closes < opens and yesterday)


class ClockChange(NamedTuple):
    """A zone's offset from UTC changes at an instant."""

    at: datetime
    before: timedelta
    after: timedelta


def clock_changes(zone: str) -> list[ClockChange]:
    """Every clock change of a zone in the years under test, found by narrowing down day, hour, minute."""
    tz, found = ZoneInfo(zone), []
    day, end = datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[-1] + 1, 1, 1, tzinfo=UTC)
    before = day.astimezone(tz).utcoffset()
    while day < end:
        after = (day + DAY).astimezone(tz).utcoffset()
        if after != before:
            at = day
            for unit in (HOUR, MINUTE):
                while (at + unit).astimezone(tz).utcoffset() == before:
                    at += unit
            assert before is not None
            assert after is not None
            found.append(ClockChange(at + MINUTE, before, after))
        day, before = day + DAY, after
    return found


SPAN = range(-2 * 60, 27 * 60)  # minutes around a clock change: room for a daily window to come round again
WEEK = 7 * 24 * 60


@cache
def painted(window: SendWindow) -> list[bool]:
    """The customer's week, minute by minute, with the window painted in."""
    week = [False] * WEEK
    opens, closes = seconds(window.opens) // 60, seconds(window.closes) // 60
    for day in window.days:
        for minute in range((closes - opens) % 1440):
            week[(day * 1440 + opens + minute) % WEEK] = True
    return week


def walked(change: ClockChange, window: SendWindow) -> tuple[dict[int, int], dict[int, int]]:
    """For every minute of the span the first minute from there on that is inside, and that is not, else its end.

    Offsets and windows are whole minutes here, so nothing can happen between two minutes.
    """
    week, opens, shuts = painted(window), {}, {}
    opening = shutting = SPAN.stop
    start = change.at.weekday() * 1440 + change.at.hour * 60 + change.at.minute
    before, after = change.before // MINUTE, change.after // MINUTE
    for n in reversed(SPAN):
        if week[(start + n + (before if n < 0 else after)) % WEEK]:
            opening = n
        else:
            shutting = n
        opens[n], shuts[n] = opening, shutting
    return opens, shuts


@cache
def walks(change: ClockChange) -> list[tuple[SendWindow, dict[int, int], dict[int, int]]]:
    """The awkward windows of a clock change, each with its next opening and closing for every minute."""
    return [(window, *walked(change, window)) for window in awkward_windows(change)]


def awkward_windows(change: ClockChange) -> list[SendWindow]:
    """Windows placed where this clock change hurts most."""
    early, late = sorted((change.at + change.before, change.at + change.after))
    quarter = ((late - early) / 4 // MINUTE) * MINUTE

    def window(opens: datetime, closes: datetime, days: tuple[int, ...] = EVERY_DAY) -> SendWindow:
        return SendWindow(opens.strftime("%H:%M"), closes.strftime("%H:%M"), days)

    return [
        window(early + quarter, late - quarter),  # within the skipped or repeated hour
        window(early + quarter, late + 3 * HOUR),  # opens in it
        window(early - 3 * HOUR, late - quarter),  # shuts in it
        window(late, early),  # all day but for it, and past midnight
        window(early, late, (early.weekday(),)),  # it exactly, once a week
        SendWindow("09:00", "21:00"),
    ]


def test_every_clock_change_of_every_zone() -> None:
    """Wherever a customer lives, a clock change makes no message early, late or lost."""
    seen = set[ClockChange]()
    for zone in ZONES:
        for change in clock_changes(zone):
            end = change.at + SPAN.stop * MINUTE
            # Zones that share a change share the hours around it: the first one is tried with every window.
            for window, opens, shuts in walks(change)[-1 if change in seen else 0 :]:
                for n in (-61, -30, -1, 0, 1, 29, 60):
                    at, case = change.at + n * MINUTE, (zone, window, change, n)
                    opening = change.at + opens[n] * MINUTE
                    assert min(window.next_open(at, zone), end) == opening, case
                    if opening == at:
                        shutting = change.at + shuts[n] * MINUTE
                        assert min(window.closes_at(at, zone), end) == shutting, case
                # A moment before the change it is still the minute before.
                at = change.at - TICK
                opening = at if opens[-1] == -1 else change.at + opens[0] * MINUTE
                assert min(window.next_open(at, zone), end) == opening, (zone, window, change)
            seen.add(change)


days = st.sets(st.integers(0, 6), min_size=1)
clock_times = st.times().map(lambda clock: clock.replace(microsecond=0))
windows = (
    st.tuples(clock_times, clock_times, days)
    .filter(lambda drawn: drawn[0] != drawn[1])
    .map(lambda drawn: SendWindow(*drawn))
)
# Imaginary and repeated wall times included, and the oddities of all of the last century.
instants = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001 hypothesis wants naive bounds
    datetime(2100, 1, 1),  # noqa: DTZ001 hypothesis wants naive bounds
    timezones=st.sampled_from(ZONES).map(ZoneInfo),
    allow_imaginary=True,
)


def shown(at: datetime, zone: str) -> datetime:
    """What the customer's clock shows at an instant."""
    return at.astimezone(UTC).astimezone(ZoneInfo(zone))


def walk(window: SendWindow, zone: str, start: datetime, stop: datetime, *, wanted: bool) -> None:
    """Checks that membership is as wanted from start up to (not at) stop, looking often near both ends."""
    assert inside(window, shown(stop, zone)) is not wanted
    steps = {start} | {start + n * SECOND for n in range(90)} | {stop - TICK} | {stop - n * SECOND for n in range(90)}
    steps |= {start + n * 7 * MINUTE for n in range((stop - start) // (7 * MINUTE))}
    for at in steps:
        if start <= at < stop:
            assert inside(window, shown(at, zone)) is wanted, at


@settings(max_examples=150, deadline=None)
@given(window=windows, at=instants, zone=st.sampled_from(ZONES))
@example(window=SendWindow("02:15", "02:45", ["sun"]), at=utc("2027-03-28 00:59"), zone="Europe/Prague")
def test_the_answer_is_the_earliest_moment_inside(window: SendWindow, at: datetime, zone: str) -> None:
    """Whatever the hours, zone and moment: never before now, never outside, never later than needed."""
    opens = window.next_open(at, zone)
    assert opens >= at.astimezone(UTC)
    assert opens.tzinfo is UTC
    assert window.is_open(opens, zone)
    assert window.is_open(at, zone) is (opens == at.astimezone(UTC))
    assert window.next_open(opens, zone) == opens
    walk(window, zone, at.astimezone(UTC), opens, wanted=False)
    shuts = window.closes_at(opens, zone)
    assert not window.is_open(shuts, zone)
    walk(window, zone, opens, shuts, wanted=True)


@settings(max_examples=100, deadline=None)
@given(window=windows, earlier=instants, later=instants, zone=st.sampled_from(ZONES))
def test_who_asks_later_is_never_told_earlier(
    window: SendWindow, earlier: datetime, later: datetime, zone: str
) -> None:
    """Messages that fall due one after the other keep their order through a shut window."""
    earlier, later = sorted((earlier.astimezone(UTC), later.astimezone(UTC)))
    assert window.next_open(earlier, zone) <= window.next_open(later, zone)


@pytest.mark.parametrize(
    ("zone", "window", "at", "opens", "shuts"),
    [
        pytest.param(
            "Europe/Prague", ("02:15", "02:45"),
            "2027-03-28 00:50", "2027-03-29 00:15", "2027-03-29 00:45",
            id="skipped whole: the next day",
        ),
        pytest.param(
            "Europe/Prague", ("02:30", "04:00"),
            "2027-03-28 00:00", "2027-03-28 01:00", "2027-03-28 02:00",
            id="opening skipped: the first moment after",
        ),
        pytest.param(
            "Europe/Prague", ("01:00", "02:30"),
            "2027-03-28 00:59", "2027-03-28 00:59", "2027-03-28 01:00",
            id="closing skipped: shut from the change on",
        ),
        pytest.param(
            "Europe/Prague", ("02:15", "02:45"),
            "2027-10-31 00:20", "2027-10-31 00:20", "2027-10-31 00:45",
            id="repeated hour, first time round",
        ),
        pytest.param(
            "Europe/Prague", ("02:15", "02:45"),
            "2027-10-31 00:45", "2027-10-31 01:15", "2027-10-31 01:45",
            id="repeated hour, second time round",
        ),
        pytest.param(
            "Europe/Prague", ("01:30", "02:30"),
            "2027-10-31 00:30", "2027-10-31 01:00", "2027-10-31 01:30",
            id="the change itself leads back inside",
        ),
        pytest.param(
            "Europe/Prague", ("22:00", "06:00"),
            "2027-03-27 20:00", "2027-03-27 21:00", "2027-03-28 04:00",
            id="a night of seven hours",
        ),
        pytest.param(
            "Africa/Casablanca", ("02:00", "03:00"),
            "2027-02-07 00:30", "2027-02-07 01:00", "2027-02-07 03:00",
            id="Ramadan begins in Casablanca: the hour twice over",
        ),
        pytest.param(
            "Africa/Casablanca", ("02:00", "03:00"),
            "2027-03-14 01:30", "2027-03-15 01:00", "2027-03-15 02:00",
            id="Ramadan ends in Casablanca: skipped whole",
        ),
        pytest.param(
            "Europe/Dublin", ("01:00", "02:00"),
            "2027-10-31 00:30", "2027-10-31 00:30", "2027-10-31 02:00",
            id="Dublin, whose winter is the exception",
        ),
        pytest.param(
            "Australia/Lord_Howe", ("02:05", "02:25"),
            "2027-10-02 15:00", "2027-10-03 15:05", "2027-10-03 15:25",
            id="Lord Howe skips half an hour",
        ),
        pytest.param(
            "Australia/Lord_Howe", ("01:15", "01:45"),
            "2027-04-03 14:45", "2027-04-03 15:00", "2027-04-03 15:15",
            id="Lord Howe repeats half an hour",
        ),
        pytest.param(
            "Antarctica/Troll", ("01:30", "02:30"),
            "2027-03-28 00:59", "2027-03-28 23:30", "2027-03-29 00:30",
            id="Troll skips two hours",
        ),
        pytest.param(
            "Antarctica/Troll", ("01:30", "02:30"),
            "2027-10-31 00:30", "2027-10-31 01:30", "2027-10-31 02:30",
            id="Troll repeats two hours",
        ),
        pytest.param(
            "Pacific/Apia", ("09:00", "21:00", ["fri"]),
            "2011-12-29 12:00", "2012-01-05 19:00", "2012-01-06 07:00",
            id="Apia had no Friday that week",
        ),
        pytest.param(
            "Pacific/Apia", ("22:00", "06:00", ["fri"]),
            "2011-12-30 09:00", "2011-12-30 10:00", "2011-12-30 16:00",
            id="but the night after that Friday",
        ),
        pytest.param(
            "America/Boa_Vista", ("23:30", "23:45", ["sat"]),
            "2000-10-08 03:46", "2000-10-15 02:30", "2000-10-15 02:45",
            id="Boa Vista had a summer of one week",
        ),
        pytest.param(
            "Africa/Monrovia", ("09:00", "21:00"),
            "1971-06-01 00:00", "1971-06-01 09:44:30", "1971-06-01 21:44:30",
            id="Monrovia was 44 minutes and 30 seconds behind",
        ),
    ],
)  # fmt: skip
def test_known_oddities(
    zone: str, window: tuple[str, str] | tuple[str, str, list[str]], at: str, opens: str, shuts: str
) -> None:
    """The clock changes that people have been caught out by are worked out by hand here."""
    hours = SendWindow(*window)
    assert hours.next_open(utc(at), zone) == utc(opens)
    assert hours.closes_at(utc(opens), zone) == utc(shuts)
