"""The journey clock of a system is set once."""

from datetime import timedelta

from activities.clock import JourneyClock
from activities.storage.clock import stored_clock
from activities.storage.database import Database
from tests.activities.storage.rows import NOON


async def test_the_first_start_sets_the_clock_for_good(database: Database) -> None:
    """A restart, even with another speed, does not move the time in which customers live."""
    first = JourneyClock(NOON, NOON + timedelta(days=99), 43200)
    assert await database.write(lambda session: stored_clock(session, first)) == first
    later = JourneyClock(NOON + timedelta(hours=1), NOON, 1)
    assert await database.write(lambda session: stored_clock(session, later)) == first
