"""All accounts are counted anew when what a journey asks for has changed."""

import asyncio
import threading
from typing import Any

from sqlalchemy import text

from activities.storage import journey_settings
from activities.storage.database import Database
from activities.storage.recounts import recount
from tests.activities.storage.reports.populations import DAY, JOURNEY, WHOLE, Population
from tests.databases import PostgresServer
from tests.system import until

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
Points = list[tuple[int, int, int]]


def points(people: Population) -> Points:
    """Day, accounts and complete ones."""
    return [(point.day.day, point.accounts, point.complete) for point in people.report().accounts]


def ask_for(people: Population, *names: str) -> None:
    """Staff change what the journey asks for."""
    journey_settings.set_parameters(people.session, JOURNEY, {"asked_for": list(names)}, people.now)


def recounted(people: Population, limit: int = 2) -> int:
    """Count until there is nothing to do; how many turns it took."""
    turns = 0
    while recount(people.session, people.admission.journeys, people.admission.clock, people.now, limit):  # type: ignore[arg-type] # journeys, as in the worker
        turns += 1
    return turns


async def test_a_changed_goal_is_counted_for_all_accounts(database: Database) -> None:
    """A marketer who asks for less sees at once how many accounts have that, and days gone by stay as they were."""

    def transaction(session: Any) -> tuple[Points, Points]:
        people = Population(session)
        people.register("zoe", **WHOLE)
        for name in ("ada", "bea", "cyd", "dee"):
            people.register(name)
        recounted(people)
        before = points(people)
        people.now += DAY
        ask_for(people, "first_name", "email")
        recounted(people)
        return before, points(people)

    before, after = await database.write(transaction)
    assert before == [(1, 5, 1)]
    assert after == [(1, 5, 1), (2, 5, 5)]


async def test_accounts_that_lack_what_is_asked_for_now_are_no_longer_complete(database: Database) -> None:
    """A marketer who asks for more finds the complete ones fewer, and whoever completes it is counted once."""

    def transaction(session: Any) -> Points:
        people = Population(session)
        zoe = people.register("zoe", **WHOLE)
        people.register("ada")
        ask_for(people, "first_name", "email", "shoe_size")
        people.now += DAY
        recounted(people)
        people.now += DAY
        zoe.attributes = {"shoe_size": 41}
        people.change(zoe, "shoe_size")
        recounted(people)
        return points(people)

    assert await database.write(transaction) == [(1, 2, 1), (2, 2, 0), (3, 2, 1)]


async def test_nothing_is_counted_twice(database: Database) -> None:
    """Once all are counted by the goal of now, a worker that starts has nothing to do."""

    def transaction(session: Any) -> tuple[int, int]:
        people = Population(session)
        people.register("ada")
        return recounted(people), recounted(people)

    first, again = await database.write(transaction)
    assert first
    assert again == 0


async def test_a_goal_that_changes_meanwhile_begins_again(database: Database) -> None:
    """Staff who change their mind while accounts are counted get the count of what they chose last."""

    def transaction(session: Any) -> Points:
        people = Population(session)
        for name in ("ada", "bea", "cyd"):
            people.register(name)
        ask_for(people, "first_name")
        recount(session, people.admission.journeys, people.admission.clock, people.now, 2)  # type: ignore[arg-type] # as above
        ask_for(people, "shoe_size")
        recounted(people)
        return points(people)

    assert await database.write(transaction) == [(1, 3, 0)]


async def test_a_profile_that_changes_meanwhile_is_counted_as_it_becomes(postgres: PostgresServer) -> None:
    """A customer who takes a detail back while all are counted anew is not counted as complete."""
    with postgres.emptied("migrated") as url:
        database, changed, may_commit = Database(url), threading.Event(), threading.Event()

        def prepare(session: Any) -> None:
            people = Population(session)
            ask_for(people, "first_name", "shoe_size")
            people.register("zoe", attributes={"shoe_size": 41})

        def take_back(session: Any) -> None:
            people = Population(session)
            zoe = people.customer("zoe")
            zoe.attributes = {}
            people.change(zoe, "shoe_size")
            session.flush()
            changed.set()
            assert may_commit.wait(20)

        try:
            await database.write(prepare)
            async with asyncio.TaskGroup() as both:
                both.create_task(database.write(take_back))
                await asyncio.to_thread(changed.wait, 20)
                both.create_task(database.write(lambda session: recounted(Population(session))))
                await until(lambda: bool(database.read_now(lambda session: session.execute(WAITING).scalar_one())))
                may_commit.set()
            assert await database.read(lambda session: points(Population(session))) == [(1, 1, 0)]
        finally:
            may_commit.set()
            database.close()
