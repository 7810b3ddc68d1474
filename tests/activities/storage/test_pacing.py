"""Those who come in bulk give way: their starts are spread over time, and the others go first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from sqlmodel import Session, col, select

from activities.clock import JourneyClock
from activities.storage import intake, outbox
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.database import Database
from activities.storage.intake import Admission
from activities.storage.outbox import LEASE, Claimed
from activities.storage.pacing import paced, paced_until
from activities.storage.tables import Enrollment, OutboxItem
from tests.activities.storage.rows import NOON, enrolled
from workflows import catalogue

JOURNEY = "data-collection-voucher"
ADMISSION = Admission({JOURNEY: catalogue()[JOURNEY]}, JourneyClock(NOON, NOON))
SECOND = timedelta(seconds=1)


def register(session: Session, number: int, admission: Admission) -> str:
    """Register a customer; the enrollment's id."""
    registration = Registration(ProfileChanges({"email": f"ada{number}@example.com"}))
    (entered,) = intake.register(session, registration, admission, NOON).enrollments
    return entered.id


def import_(session: Session, numbers: Sequence[int]) -> list[str]:
    """Register customers in bulk, sixty a minute; the enrollments' ids."""
    with paced(session, 60, NOON) as next_start:
        return [register(session, number, replace(ADMISSION, next_start=next_start)) for number in numbers]


def due(session: Session) -> list[tuple[timedelta, int]]:
    """When each start is due after noon, and its priority."""
    items = session.exec(select(OutboxItem).order_by(col(OutboxItem.id))).all()
    return [(item.due_at - NOON, item.priority) for item in items]


def claim(session: Session, seconds: float = 0, limit: int = 100, bulk_limit: int | None = None) -> list[Claimed]:
    """What a relay takes on so many seconds after noon."""
    return outbox.claim(session, NOON + seconds * SECOND, limit=limit, bulk_limit=bulk_limit)


async def test_imported_journeys_start_one_after_the_other(database: Database) -> None:
    """A second import queues behind the first, and nobody's provider is flooded."""
    await database.write(partial(import_, numbers=range(3)))
    await database.write(partial(import_, numbers=range(3, 5)))
    assert await database.read(due) == [(number * SECOND, outbox.BULK) for number in range(5)]
    assert await database.read(paced_until) == NOON + 5 * SECOND
    assert [len(await database.write(partial(claim, seconds=1.5))) for _ in range(2)] == [2, 0]


async def test_live_registrations_start_before_imported_ones(database: Database) -> None:
    """However many imported starts are overdue, who registers now is the first in the next batch."""
    await database.write(partial(import_, numbers=range(20)))
    live = await database.write(lambda session: register(session, 99, ADMISSION))
    claimed = await database.write(partial(claim, seconds=60, limit=10))
    assert claimed[0].enrollment_id == live
    assert len(claimed) == 10


async def test_overdue_imports_are_not_made_up_for_at_once(database: Database) -> None:
    """After a night without a relay imported journeys start at their pace, not all in a moment."""
    await database.write(partial(import_, numbers=range(20)))
    batches = [await database.write(partial(claim, seconds=3600, bulk_limit=limit)) for limit in (3, 0, 3)]
    assert [len(batch) for batch in batches] == [3, 0, 3]
    assert await database.read(lambda session: outbox.is_due(session, NOON + 3600 * SECOND))
    assert not await database.read(lambda session: outbox.is_due(session, NOON + 3600 * SECOND, bulk=False))


async def test_news_wait_for_the_start_of_an_imported_journey(database: Database) -> None:
    """A change of the profile is heard after the start, even where the start waits for its turn."""

    def fill(session: Session) -> None:
        (_, second) = import_(session, range(2))
        outbox.push(session, second, "facts", NOON)
        outbox.push(session, second, "start", NOON)  # as a reconciler may ask; it keeps its turn

    await database.write(fill)
    assert [item.kind for item in await database.write(partial(claim, seconds=0.5))] == ["start"]
    (start,) = await database.write(partial(claim, seconds=1))
    assert (start.kind, await database.write(partial(claim, seconds=2))) == ("start", [])
    assert await database.write(lambda session: outbox.settle(session, start, NOON + SECOND))
    assert "facts" in [item.kind for item in await database.write(partial(claim, seconds=3))]


async def test_an_imported_customer_who_registers_starts_at_once(database: Database) -> None:
    """Whoever is in a file and registers in person does not wait for the turn the file gave them."""
    ids = await database.write(partial(import_, numbers=range(9)))
    again = await database.write(lambda session: register(session, 8, ADMISSION))
    assert again == ids[8]
    claimed = await database.write(claim)
    assert [item.enrollment_id for item in claimed] == [ids[8], ids[0]]


async def test_the_origin_of_an_enrollment_is_kept(database: Database) -> None:
    """The relay knows whose workflow gives way in Temporal, too."""
    (imported,) = await database.write(partial(import_, numbers=[1]))
    live = await database.write(lambda session: register(session, 2, ADMISSION))
    stored = await database.read(lambda session: {row.id: row.origin for row in session.exec(select(Enrollment)).all()})
    assert stored == {imported: "import", live: "live"}


async def test_a_start_that_failed_comes_back_as_bulk(database: Database) -> None:
    """An imported start that could not be delivered does not overtake live ones at its next try."""
    await database.write(partial(import_, numbers=[1]))
    (item,) = await database.write(claim)
    await database.write(lambda session: outbox.postpone(session, item, NOON, "Temporal is away"))
    live = await database.write(enrolled)
    await database.write(lambda session: outbox.push(session, live, "start", NOON))
    claimed = await database.write(partial(claim, seconds=LEASE.total_seconds()))
    assert [each.enrollment_id for each in claimed] == [live, item.enrollment_id]
