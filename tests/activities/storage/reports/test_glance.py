"""All journeys at a glance."""

from typing import Any

from activities.storage.database import Database
from activities.storage.reports import ArmReport, Glance, glances
from tests.activities.storage.reports.populations import DAY, JOURNEY, MONDAY, Population

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
