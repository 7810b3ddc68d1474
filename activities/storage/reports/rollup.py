"""Reading the counts, and folding what happened lately into days and months."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, union_all
from sqlalchemy import select as columns
from sqlmodel import Session, col

from activities.storage.counts import Measure
from activities.storage.tables import CountChange, DailyCount, MonthlyCount
from activities.storage.upserts import add_up

KEYS = ("journey", "measure", "day", "arm", "name", "detail")
BATCH = 5_000
DAY, LONGEST_MONTH = timedelta(days=1), timedelta(days=31)

Period = tuple[type[DailyCount | MonthlyCount | CountChange], date | None, date | None]  # table, first and last day


@dataclass(frozen=True)
class Cohort:
    """The enrollments of a journey that began on some days.

    Attributes:
        journey: its name.
        since: first day, UTC, journey clock; None for the first ever.
        until: last day, included; None for the last.
    """

    journey: str
    since: date | None = None
    until: date | None = None


class Tally:
    """Counts of one cohort.

    Args:
        rows: measure, arm, name, detail and number.
    """

    def __init__(self, rows: Iterable[tuple[str, str, str, str, int]]) -> None:
        self._rows = [(Measure(measure), arm, name, detail, number) for measure, arm, name, detail, number in rows]

    def total(self, measure: Measure, arm: str | None = None) -> int:
        """The sum of a measure."""
        return sum(row[4] for row in self._rows if row[0] is measure and arm in {None, row[1]})

    def by(self, measure: Measure, *parts: str) -> Counter[Any]:
        """The sums of a measure by `arm`, `name` or `detail`: by the part itself, or by several as a tuple."""
        places = [("measure", "arm", "name", "detail").index(part) for part in parts]
        found: Counter[Any] = Counter()
        for row in self._rows:
            if row[0] is measure:
                key = tuple(row[place] for place in places)
                found[key if len(key) > 1 else key[0]] += row[4]
        return found


def tally(session: Session, cohort: Cohort, measures: Collection[Measure]) -> Tally:
    """The counts of a cohort.

    Args:
        session: any transaction.
        cohort: which enrollments.
        measures: what is wanted.
    """
    parts = ("measure", "arm", "name", "detail")
    return Tally(tuple(row) for row in _summed(session, [cohort.journey], cohort, measures, parts))


def by_day(session: Session, journeys: Collection[str], cohort: Cohort, measures: Collection[Measure]) -> list[Any]:
    """The counts of several journeys by day: rows of `journey`, `measure`, `day` and the sum.

    Args:
        session: any transaction.
        journeys: names.
        cohort: for its days.
        measures: what is wanted.
    """
    return _summed(session, journeys, cohort, measures, ("journey", "measure", "day"))


EVER = Cohort("")


def overall(
    session: Session, journeys: Collection[str], measures: Collection[Measure], cohort: Cohort = EVER
) -> dict[str, Tally]:
    """The counts of several journeys, of all times or of a cohort's days; not on which days they converted."""
    parts = ("journey", "measure", "arm", "name", "detail")
    rows: dict[str, list[Any]] = {journey: [] for journey in journeys}
    for journey, *row in _summed(session, journeys, cohort, measures, parts, whole=(Measure.CONVERTED,)):
        rows[journey].append(row)
    return {journey: Tally(found) for journey, found in rows.items()}


def fold(session: Session, limit: int = BATCH) -> int:
    """Move changes into the counts by day and by month, the oldest first.

    Args:
        session: a writing transaction; another one that folds at the same time takes other changes.
        limit: how many changes at most.

    Returns:
        How many there were.
    """
    oldest = columns(col(CountChange.id)).order_by(col(CountChange.id)).limit(limit).with_for_update(skip_locked=True)
    taken = delete(CountChange).where(col(CountChange.id).in_(oldest))
    wanted = [getattr(CountChange, key) for key in (*KEYS, "number")]
    changes = session.connection().execute(taken.returning(*wanted)).all()
    days: Counter[tuple[Any, ...]] = Counter()
    months: Counter[tuple[Any, ...]] = Counter()
    for journey, measure, day, *rest, number in changes:
        days[journey, measure, day, *rest] += number
        months[journey, measure, day.replace(day=1), *rest] += number
    for table, sums in ((DailyCount, days), (MonthlyCount, months)):
        rows = [dict(zip((*KEYS, "number"), (*key, sums[key]), strict=True)) for key in sorted(sums)]
        if rows:
            add_up(session, table, "number", rows)
    return len(changes)


def _summed(
    session: Session,
    journeys: Collection[str],
    cohort: Cohort,
    measures: Collection[Measure],
    parts: tuple[str, ...],
    whole: Collection[Measure] = (),
) -> list[Any]:
    """All tables in one statement, so that no change is seen twice, or not at all, while it is moved.

    Those measures that are wanted as a whole are summed up over all names: of days there are many.
    """
    periods: list[Period] = [(CountChange, cohort.since, cohort.until)]
    periods += _periods(cohort, days_only="day" in parts)
    selected = [
        columns(*(getattr(table, part) for part in (*parts, "number"))).where(
            col(table.journey).in_(journeys),
            col(table.measure).in_([measure.value for measure in measures]),
            *([col(table.day) >= first] if first else []),
            *([col(table.day) <= last] if last else []),
        )
        for table, first, last in periods
    ]
    every = union_all(*selected).subquery()
    grouped: list[ColumnElement[Any]] = [every.c[part] for part in parts]
    if whole:
        names = case((every.c.measure.in_([measure.value for measure in whole]), ""), else_=every.c.name)
        grouped[parts.index("name")] = names.label("name")
    found = session.connection().execute(columns(*grouped, func.sum(every.c.number)).group_by(*grouped))
    # PostgreSQL sums big integers into numerics.
    return [(*key, int(number)) for *key, number in found]


def _periods(cohort: Cohort, *, days_only: bool) -> list[Period]:
    """The days of a cohort: whole months, and the days before and behind them; or days only."""
    since, until = cohort.since, cohort.until
    if days_only or any(day is not None and day.year == MAXYEAR for day in (since, until)):  # no month comes after
        return [(DailyCount, since, until)]
    first = since and (since if since.day == 1 else (since.replace(day=1) + LONGEST_MONTH).replace(day=1))
    behind = until and (until + DAY).replace(day=1)
    if first and behind and first >= behind:
        return [(DailyCount, since, until)]
    periods: list[Period] = [(MonthlyCount, first, behind and behind - DAY)]
    if since and first and since < first:
        periods.append((DailyCount, since, first - DAY))
    if until and behind and behind <= until:
        periods.append((DailyCount, behind, until))
    return periods
