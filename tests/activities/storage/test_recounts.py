"""All accounts are counted anew when what a journey asks for has changed."""

from typing import Any

from activities.storage import journey_settings
from activities.storage.database import Database
from activities.storage.recounts import recount
from tests.activities.storage.reports.populations import DAY, JOURNEY, WHOLE, Population

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
