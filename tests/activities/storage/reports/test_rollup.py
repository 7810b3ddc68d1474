"""Folding: what happened lately becomes days and months, and every report stays the same."""

import asyncio
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, func, select

from activities.storage.counts import Measure
from activities.storage.database import Database
from activities.storage.reports import rollup
from activities.storage.reports.rollup import Cohort, tally
from activities.storage.tables import CountChange, DailyCount, MonthlyCount

JOURNEY = "welcome"
FIRST = date(2027, 1, 15)
SPAN = 130  # days, from the middle of one month to that of another


def changes(session: Session) -> None:
    """One enrollment on every day, two on some."""
    for number in range(SPAN):
        for _ in range(1 + number % 2):
            day = FIRST + timedelta(days=number)
            row = CountChange(journey=JOURNEY, measure="enrolled", day=day, arm="treated", name="", detail="", number=1)
            session.add(row)


async def test_several_workers_fold_each_change_once(database: Database) -> None:
    """However many workers count at once, nobody is counted twice and nobody is missed."""
    await database.write(changes)
    total = SPAN + SPAN // 2

    async def fold_all() -> int:
        found = 0
        while folded := await database.write(lambda session: rollup.fold(session, 20)):
            found += folded
        return found

    assert sum(await asyncio.gather(*(fold_all() for _ in range(4)))) == total
    for table in (DailyCount, MonthlyCount):
        summed = select(func.sum(table.number))
        assert await database.read(lambda session, summed=summed: session.exec(summed).one()) == total  # type: ignore[misc] # a default argument
    assert await database.read(lambda session: session.exec(select(func.count()).select_from(CountChange)).one()) == 0


DAYS = st.one_of(st.none(), st.integers(-40, SPAN + 40).map(lambda days: FIRST + timedelta(days=days)))


class _Folded:
    """A database whose changes are folded but for some; made once, only read after."""

    def __init__(self) -> None:
        self.database = Database("sqlite://", inline=True)
        self.database.create_all()
        self.database.write_now(changes)
        self.database.write_now(lambda session: rollup.fold(session, SPAN))


FOLDED = _Folded()


@given(since=DAYS, until=DAYS)
def test_any_days_are_whole_months_and_what_is_left(since: date | None, until: date | None) -> None:
    """A report of any days counts every day once, though whole months are read as one."""
    expected = sum(
        1 + number % 2
        for number in range(SPAN)
        if (since is None or since <= FIRST + timedelta(days=number))
        and (until is None or FIRST + timedelta(days=number) <= until)
    )

    cohort = Cohort(JOURNEY, since, until)
    found = FOLDED.database.read_now(lambda session: tally(session, cohort, [Measure.ENROLLED]))

    assert found.total(Measure.ENROLLED) == expected
