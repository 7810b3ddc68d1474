"""Who is at a step."""

from sqlmodel import Session

from activities.storage.database import Database
from activities.storage.inside import people_at
from activities.storage.passage import START
from tests.activities.storage.reports.populations import JOURNEY, Population
from tests.courses import course

MAIL, WAIT = "complete-your-account-email", "time-to-act-on-the-reminder"


async def test_each_is_listed_once_at_the_step_where_they_are(database: Database) -> None:
    """Those who wait after their mail are listed with those whose wait is on record, a page at a time."""
    in_code = course(JOURNEY)

    def transaction(session: Session) -> None:
        people = Population(session)
        for number, result in enumerate(
            ("sent", "unknown", "suppressed:opted out", "deferred", "failed:address refused")
        ):
            people.message(people.entry(people.register(f"c{number}")), "complete-your-account", result)
        people.walk(people.entry(people.register("told")), WAIT)
        people.register("new")

    def listed(session: Session, step: str, after: str = "") -> list[str]:
        return [
            each.enrollment_id for each in people_at(session, JOURNEY, [step], course=in_code, after=after, limit=3)
        ]

    await database.write(transaction)
    first = await database.read(lambda session: listed(session, WAIT))
    then = await database.read(lambda session: listed(session, WAIT, first[-1]))
    assert (len(first), len(then), len({*first, *then})) == (3, 1, 4)
    assert [*first, *then] == sorted({*first, *then})
    assert len(await database.read(lambda session: listed(session, MAIL))) == 2
    assert len(await database.read(lambda session: listed(session, START))) == 1
