"""When a message may go out, on the customer's own clock: arithmetic only.

It stands among the contracts because both sides need it: journeys wait for the window to open, the gate
refuses to send while it is shut. Journeys import it as `workflows.send_window`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
"""The days of the week as `datetime.weekday` counts them: Monday is 0."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = timedelta(days=1)


@dataclass(frozen=True, init=False)
class SendWindow:
    """Daily hours, `[opens, closes)` on the wall clock of the customer's time zone.

    Where `closes` is earlier than `opens` the window runs past midnight and belongs to the day it opened.
    Whether an instant is inside is decided by what the customer's clock shows then, so an hour that the
    clock shows twice is inside both times, and an hour that it skips is never inside.

    Attributes:
        opens: the first moment inside, "HH:MM" or "HH:MM:SS", wall clock.
        closes: the first moment outside again, in the same form, wall clock.
        days: the days on which the window opens, ascending, Monday is 0.

    Example:
        `SendWindow("22:00", "02:00", days=("fri", "sat"))`
    """

    opens: str
    closes: str
    days: tuple[int, ...]

    def __init__(self, opens: str | time, closes: str | time, days: Iterable[str | int] = EVERY_DAY) -> None:
        """Build a window.

        Args:
            opens: "09:00", "09:00:30" or a naive `datetime.time` of whole seconds.
            closes: in the same forms; must differ from `opens`.
            days: weekday names ("mon" or "monday", any case) or numbers (Monday is 0).

        Raises:
            ValueError: a time or a day that is none, no day at all, or `opens` equal to `closes`.
        """
        object.__setattr__(self, "opens", _time_of_day("opens", opens))
        object.__setattr__(self, "closes", _time_of_day("closes", closes))
        object.__setattr__(self, "days", _weekdays(days))
        if self.opens == self.closes:
            raise ValueError(f"closes: must differ from opens, both are {self.opens}")

    @property
    def length(self) -> timedelta:
        """How long the window is on a day without a clock change."""
        day = datetime(2000, 1, 1)  # noqa: DTZ001 wall-clock arithmetic, any day will do
        return (_on(day, self.closes) - _on(day, self.opens)) % _DAY

    def is_open(self, at: datetime, zone: str) -> bool:
        """Whether an instant (any aware datetime) is inside the window in an IANA time zone.

        Raises:
            ValueError: `at` is naive, or the zone is unknown.
        """
        return self._contains(_wall(_instant(at), _zone(zone)))

    def next_open(self, at: datetime, zone: str) -> datetime:
        """The earliest instant at or after `at` that is inside the window.

        Args:
            at: any aware datetime.
            zone: the customer's IANA time zone, such as "Europe/Prague".

        Returns:
            The instant, in UTC. `at` itself while the window is open. Where the clock skips the opening,
            the first moment after the skip that is inside; a window skipped whole waits for its next day.

        Raises:
            ValueError: `at` is naive, or the zone is unknown.
        """
        return self._first(_instant(at), _zone(zone), inside=True)

    def closes_at(self, at: datetime, zone: str) -> datetime:
        """The instant (UTC) at which the window that is open at `at` shuts.

        Args:
            at: any aware datetime inside the window.
            zone: the customer's IANA time zone.

        Raises:
            ValueError: the window is not open at `at`, `at` is naive, or the zone is unknown.
        """
        instant, tz = _instant(at), _zone(zone)
        if not self._contains(_wall(instant, tz)):
            raise ValueError(f"at: the window {self.opens}-{self.closes} is not open at {instant} in {zone}")
        return self._first(instant, tz, inside=False)

    def _first(self, instant: datetime, tz: ZoneInfo, *, inside: bool) -> datetime:
        """The first instant from the given one on whose membership is as wanted.

        Between two clock changes wall time and UTC run in step, so the next opening or closing is a sum;
        when a clock change lies before it, the walk starts again from the change.
        """
        wall = _wall(instant, tz)
        while self._contains(wall) is not inside:
            ahead = (self._opening_after(wall) if inside else self._closing_of(wall)) - wall
            # A day at a time: no zone ever changed its clock twice within less than six days.
            instant = _step(instant, min(ahead, _DAY), tz)
            wall = _wall(instant, tz)
        return instant

    def _contains(self, wall: datetime) -> bool:
        clock, weekday = wall.time(), wall.weekday()
        opens, closes = time.fromisoformat(self.opens), time.fromisoformat(self.closes)
        if opens < closes:
            return opens <= clock < closes and weekday in self.days
        return (clock >= opens and weekday in self.days) or (clock < closes and (weekday - 1) % 7 in self.days)

    def _opening_after(self, wall: datetime) -> datetime:
        openings = (_on(wall + n * _DAY, self.opens) for n in range(8))
        return next(opening for opening in openings if opening > wall and opening.weekday() in self.days)

    def _closing_of(self, wall: datetime) -> datetime:
        closing = _on(wall, self.closes)
        return closing if closing > wall else closing + _DAY


def _step(instant: datetime, ahead: timedelta, tz: ZoneInfo) -> datetime:
    """The instant `ahead` of the given one, or the first clock change on the way there."""
    before, target = _offset(instant, tz), instant + ahead
    if _offset(target, tz) == before:
        return target
    # Clocks change on whole seconds (UTC): halve the span between the last known old and first known new.
    old, new = instant.replace(microsecond=0), target.replace(microsecond=0)
    while (seconds := int((new - old).total_seconds())) > 1:
        middle = old + timedelta(seconds=seconds // 2)
        if _offset(middle, tz) == before:
            old = middle
        else:
            new = middle
    return new


def _instant(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"at: {at!r} is naive; a window needs an aware datetime")
    return at.astimezone(UTC)


@cache  # zoneinfo itself keeps eight zones and reads the others from disk each time
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # OSError: "America" is a folder of zones
        raise ValueError(f"zone: {name!r} is not an IANA time zone") from error


def _offset(instant: datetime, tz: ZoneInfo) -> timedelta | None:
    return instant.astimezone(tz).utcoffset()


def _wall(instant: datetime, tz: ZoneInfo) -> datetime:
    """What the clock shows: naive, and free of the fold, which membership does not ask about."""
    return instant.astimezone(tz).replace(tzinfo=None, fold=0)


def _on(day: datetime, clock: str) -> datetime:
    return datetime.combine(day.date(), time.fromisoformat(clock))


def _time_of_day(field: str, value: str | time) -> str:
    parsed = value
    if isinstance(value, str):
        try:
            parsed = time.fromisoformat(value) if len(value) in {5, 8} and value[2] == ":" else value
        except ValueError:
            parsed = value
    if not isinstance(parsed, time) or parsed.tzinfo is not None or parsed.microsecond:
        raise ValueError(f"{field}: {value!r} is not a time of day such as 09:00 or 09:00:30")
    return parsed.isoformat("seconds" if parsed.second else "minutes")


def _weekdays(days: Iterable[str | int]) -> tuple[int, ...]:
    if isinstance(days, str):  # "mon" would be taken apart into letters
        raise ValueError(f"days: give a list of days, not {days!r}")  # noqa: TRY004 one error type for all
    numbers = tuple(sorted({_weekday(day) for day in days}))
    if not numbers:
        raise ValueError("days: at least one day is needed")
    return numbers


def _weekday(day: str | int) -> int:
    if isinstance(day, str):
        for number, name in enumerate(_WEEKDAYS):
            if day.lower() in {name, name[:3]}:
                return number
    elif day in EVERY_DAY and not isinstance(day, bool):
        return int(day)
    raise ValueError(f"days: {day!r} is not a weekday (mon to sun, or 0 to 6 with Monday 0)")
