"""The outbox: Temporal hears of everything, in order, and of the newest state only."""

from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session, select

from activities.storage import outbox
from activities.storage.database import Database
from activities.storage.outbox import FIRST_PAUSE, LEASE, LONGEST_PAUSE, Claimed
from activities.storage.tables import OutboxItem
from tests.activities.storage.rows import NOON, add_customer, add_enrollment, enrolled


def _push(session: Session, enrollment_id: str, *kinds: outbox.Kind, at: datetime = NOON) -> None:
    for kind in kinds:
        outbox.push(session, enrollment_id, kind, at)
        session.flush()


def _claim(session: Session, at: datetime = NOON, limit: int = 100) -> list[Claimed]:
    return outbox.claim(session, at, limit=limit)


def _items(session: Session) -> list[OutboxItem]:
    return list(session.exec(select(OutboxItem)))


async def _filled(database: Database, *kinds: outbox.Kind) -> str:
    mine = await database.write(enrolled)
    await database.write(lambda session: _push(session, mine, *kinds))
    return mine


async def test_a_pending_item_stands_for_the_next_one(database: Database) -> None:
    """A customer who changes their profile ten times while Temporal is away costs one signal."""
    ten: list[outbox.Kind] = ["facts"] * 10
    mine = await _filled(database, *ten)
    claimed = await database.write(_claim)
    assert [(item.kind, item.enrollment_id) for item in claimed] == [("facts", mine)]


async def test_nothing_precedes_the_start(database: Database) -> None:
    """A journey is started before it is told anything, and told things in the order in which they became true."""
    await _filled(database, "start", "facts", "cancel")
    order = []
    for _ in range(3):
        (item,) = await database.write(_claim)
        assert await database.write(_claim) == []
        order.append(item.kind)
        assert await database.write(partial(outbox.settle, item=item, now=NOON))
    assert order == ["start", "facts", "cancel"]
    assert await database.read(_items) == []


async def test_a_start_that_waits_holds_back_only_its_own_journey(database: Database) -> None:
    """However many journeys wait for their start to be tried again, a new registration is not held up."""

    def many_wait(session: Session) -> str:
        customer = add_customer(session)
        for _ in range(20):
            one = add_enrollment(session, customer).id
            _push(session, one, "start")
            (start,) = _claim(session)
            outbox.postpone(session, start, NOON, "Temporal is away")
            _push(session, one, "facts")
        new = add_enrollment(session, customer).id
        _push(session, new, "start")
        return new

    new = await database.write(many_wait)
    assert [item.enrollment_id for item in await database.write(lambda session: _claim(session, limit=10))] == [new]


async def test_a_dead_relay_holds_its_items_for_the_lease_only(database: Database) -> None:
    """What a relay took on and never finished is taken on by the next one, and not before."""
    await _filled(database, "start")
    (first,) = await database.write(_claim)
    assert await database.write(lambda session: _claim(session, NOON + LEASE - timedelta(milliseconds=1))) == []
    (second,) = await database.write(lambda session: _claim(session, NOON + LEASE))
    assert (second.id, second.attempts) == (first.id, 2)


async def test_a_change_during_delivery_is_delivered_too(database: Database) -> None:
    """What changes while a signal is on its way is not taken for delivered."""
    mine = await _filled(database, "facts")
    (item,) = await database.write(_claim)
    await database.write(lambda session: _push(session, mine, "facts"))
    assert not await database.write(lambda session: outbox.settle(session, item, NOON))
    (again,) = await database.write(_claim)
    assert again.revision == 1
    assert await database.write(lambda session: outbox.settle(session, again, NOON))


async def test_a_relay_that_wakes_late_settles_nothing_it_did_not_deliver(database: Database) -> None:
    """An id is never used again, so settling a forgotten item cannot swallow somebody's start."""
    await _filled(database, "facts")
    (late,) = await database.write(_claim)
    (taken_over,) = await database.write(lambda session: _claim(session, NOON + LEASE))
    assert await database.write(lambda session: outbox.settle(session, taken_over, NOON))
    mine = await _filled(database, "start")
    assert await database.write(lambda session: outbox.settle(session, late, NOON))
    assert [item.enrollment_id for item in await database.read(_items)] == [mine]


async def test_failures_are_tried_again_ever_more_slowly(database: Database) -> None:
    """While Temporal is away the relay asks after one second, two, four … and then twice a minute."""
    await _filled(database, "start")
    now, pauses = NOON, []
    for _ in range(9):
        (item,) = await database.write(partial(_claim, at=now))
        await database.write(partial(outbox.postpone, item=item, now=now, error="UNAVAILABLE: " + "x" * 999))
        (row,) = await database.read(_items)
        pauses.append(row.due_at - now)
        assert len(row.error) == 200
        now = row.due_at
    assert pauses == [min(FIRST_PAUSE * 2**n, LONGEST_PAUSE) for n in range(9)]
    assert pauses[-1] == timedelta(seconds=30), "who waits for Temporal must be taken on within a minute of its return"


async def test_two_relays_never_take_one_item(database: Database) -> None:
    """Two relays at work at once share the items; none is delivered by both."""

    def forty(session: Session) -> None:
        customer = add_customer(session)
        for _ in range(40):
            _push(session, add_enrollment(session, customer).id, "start")

    await database.write(forty)
    seven = partial(_claim, limit=7)
    second = Database(database.url.render_as_string(hide_password=False), inline=True)

    def while_the_other_is_at_work(session: Session) -> list[Claimed]:
        return seven(session) + second.write_now(seven)

    taken: list[int] = []
    for _ in range(4):
        if database.is_sqlite:  # it admits one writer at a time
            taken += [item.id for item in [*await database.write(seven), *second.write_now(seven)]]
        else:
            taken += [item.id for item in await database.write(while_the_other_is_at_work)]
    second.close()
    assert len(taken) == len(set(taken)) == 40


async def test_is_due_tells_whether_there_is_something_to_do(database: Database) -> None:
    """An idle relay takes no lock."""
    assert not await database.read(lambda session: outbox.is_due(session, NOON))
    await _filled(database, "start")
    assert await database.read(lambda session: outbox.is_due(session, NOON))
    await database.write(_claim)
    assert not await database.read(lambda session: outbox.is_due(session, NOON))
