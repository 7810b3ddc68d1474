"""How long conversions took, and what happened on which day."""

from collections import Counter
from datetime import date, timedelta
from math import ceil

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from activities.storage.counts import Measure
from activities.storage.holdout import TREATED
from activities.storage.reports.model import AccountsDay, ReportDay, TimeToConvert
from activities.storage.reports.rollup import Cohort, Tally, by_day
from activities.storage.tables import Conversion

ACCOUNTS = ""  # belong to no journey


def time_to_convert(session: Session, cohort: Cohort, converted: int) -> TimeToConvert:
    """The times within which half of the treated who converted did, and nine in ten: times that occurred.

    Args:
        session: any transaction.
        cohort: which enrollments.
        converted: how many of its treated did.
    """
    if not converted:
        return TimeToConvert(None, None)
    chosen: list[ColumnElement[bool]] = [
        col(Conversion.journey) == cohort.journey,
        col(Conversion.arm) == TREATED,
        col(Conversion.at_entry).is_(False),
    ]
    if cohort.since is not None:
        chosen.append(col(Conversion.entered_on) >= cohort.since)
    if cohort.until is not None:
        chosen.append(col(Conversion.entered_on) <= cohort.until)

    def within(share: float) -> timedelta:
        rank = ceil(share * converted)  # from the shortest
        seconds = col(Conversion.seconds)
        far = rank > converted / 2  # then the way from the longest is shorter
        ordered = select(Conversion.seconds).where(*chosen).order_by(seconds.desc() if far else seconds)
        return timedelta(seconds=session.exec(ordered.offset(converted - rank if far else rank - 1).limit(1)).one())

    return TimeToConvert(within(0.5), within(0.9))


def days(session: Session, cohort: Cohort, tally: Tally) -> tuple[ReportDay, ...]:
    """Who entered, and who converted, on each day with something on it."""
    entered = {day: number for _, _, day, number in by_day(session, [cohort.journey], cohort, [Measure.ENROLLED])}
    converted: dict[date, Counter[str]] = {}
    for (day, arm), number in tally.by(Measure.CONVERTED, "name", "arm").items():
        converted.setdefault(date.fromisoformat(day), Counter())[arm] += number
    return tuple(
        ReportDay(day, entered.get(day, 0), dict(sorted(converted.get(day, Counter()).items())))
        for day in sorted({*entered, *converted})
    )


def accounts(session: Session, journey: str, since: date | None, until: date | None) -> tuple[AccountsDay, ...]:
    """All accounts, and the complete ones, at the end of each day on which either changed.

    Args:
        session: any transaction.
        journey: whose goal says what complete is.
        since: first day shown; what came before is in it.
        until: last day shown.
    """
    wanted = (Measure.ACCOUNTS, Measure.COMPLETE)
    changes: dict[date, Counter[str]] = {}
    for _, measure, day, number in by_day(session, [ACCOUNTS, journey], Cohort(journey, until=until), wanted):
        changes.setdefault(day, Counter())[measure] += number
    found, sums = list[AccountsDay](), Counter[str]()
    for day in sorted(changes):
        sums.update(changes[day])
        found.append(AccountsDay(day, sums[Measure.ACCOUNTS], sums[Measure.COMPLETE]))
    return tuple(point for point in found if since is None or point.day >= since) or tuple(found[-1:])
