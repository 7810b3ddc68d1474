"""All journeys at a glance."""

from datetime import timedelta
from typing import Any

from activities.storage.database import Database
from activities.storage.reports import ArmReport, Glance, Pool, glances, pools
from tests.activities.storage.reports.populations import DAY, DESIGN, JOURNEY, MONDAY, Population

TODAY = MONDAY.date()


async def test_each_journey_is_seen_over_the_same_days(database: Database) -> None:
    """The rates of a list are those of the report of the same days."""

    def transaction(session: Any) -> tuple[dict[str, Glance], tuple[ArmReport, ...]]:
        people = Population(session)
        people.complete(people.register("ada"))
        people.register("bob")
        people.now += 3 * DAY
        people.register("eve")
        session.flush()
        return glances(session, [JOURNEY, "welcome"], TODAY, TODAY), people.report(since=TODAY, until=TODAY).arms

    found, arms = await database.write(transaction)

    assert found[JOURNEY].arms == arms
    assert arms[0].converted == 1
    assert arms[0].enrolled == 2
    assert found[JOURNEY].lift is None
    assert found["welcome"].arms[0].enrolled == 2


async def test_a_pool_knows_how_long_it_lasts(database: Database) -> None:
    """Staff hear of a pool before it is empty, judged by what was given lately."""

    def transaction(session: Any) -> list[Pool]:
        people = Population(session)
        people.stock(*(f"CODE-{number}" for number in range(6)))
        for name in ("ada", "bob"):
            people.voucher(people.entry(people.register(name)))
        session.flush()
        week = (TODAY + timedelta(days=1), TODAY + timedelta(days=7))
        return [pools(session, [JOURNEY], *days)[DESIGN] for days in ((TODAY, TODAY), week)]

    today, later = await database.write(transaction)

    assert (today.free, today.assigned, today.used, today.a_day, today.lasts) == (4, 2, 2, 2.0, 2.0)
    assert today.low
    assert (later.assigned, later.used, later.lasts, later.low) == (2, 0, None, False)
