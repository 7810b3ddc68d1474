"""The contract of dates on the customer's clock, found by an activity so that history keeps the answer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from temporalio import activity


@dataclass(frozen=True)
class LocalTime:
    """A moment on the customer's own clock.

    Attributes:
        after: journey instant (UTC); the moment found is at or after it.
        timezone: IANA name of the customer's zone.
        time: hour of the day, ``HH:MM``.
        weekday: 0 for Monday to 6 for Sunday, or None for any day.
        date: ISO date; empty for the next such hour.
    """

    after: datetime
    timezone: str
    time: str
    weekday: int | None = None
    date: str = ""


class CalendarActivities:
    """Dates, as Temporal sees them. Pure arithmetic, so there is no port behind it."""

    @activity.defn(name="find_instant")
    async def find_instant(self, wanted: LocalTime) -> datetime:
        """The instant (UTC) of a moment on the customer's clock; a date gone by gives the instant it had."""
        return instant_of(wanted)


def instant_of(wanted: LocalTime) -> datetime:
    """The instant (UTC) of a moment on the customer's clock.

    An hour that a clock change skips becomes the first instant after the gap; of an hour that comes twice
    the first one counts.

    Raises:
        ValueError: the time or the date is not one.
    """
    zone = ZoneInfo(wanted.timezone)
    hour = time.fromisoformat(wanted.time)
    if wanted.date:
        return _at(date.fromisoformat(wanted.date), hour, zone)
    day = wanted.after.astimezone(zone).date()
    # Eight days reach any weekday again; one more, since a zone may lose a whole day (Apia, 2011-12-30).
    for ahead in range(-1, 10):
        candidate = day + timedelta(days=ahead)
        if wanted.weekday is not None and candidate.weekday() != wanted.weekday:
            continue
        instant = _at(candidate, hour, zone)
        if instant >= wanted.after:
            return instant
    raise ValueError(f"no {wanted.time} within ten days of {wanted.after} in {wanted.timezone}")


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    first, second = (datetime.combine(day, hour, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return first  # an ordinary hour, or the first of two
    # A skipped hour: read with the offset after the change it lies before it, with the one before it after.
    # The change itself lies between the two readings; transitions happen at whole seconds.
    before, after = second, first
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset():
            before = middle
        else:
            after = middle
    return after
