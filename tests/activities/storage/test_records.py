"""What journeys write down: once, in order, and the first end stands."""

from datetime import timedelta

from sqlmodel import Session, col, select

from activities.records import Ending, HoldRequest
from activities.storage import trail, vouchers
from activities.storage.database import Database
from activities.storage.enrolled import locked
from activities.storage.records import DatabaseRecords
from activities.storage.tables import Enrollment, TimelineEntry, Voucher
from activities.timeline import Entry, Trail
from tests.activities.storage.rows import NOON, REWARD, add_pool, enrolled

ENTRIES = tuple(
    Entry(n, NOON + timedelta(days=n), "wait", f"wait-{n}", {"until": "2027-02-01T00:00:00+00:00", "why": "time"})
    for n in (1, 2, 3)
)


def _timeline(session: Session) -> list[tuple[int, str]]:
    rows = session.exec(select(TimelineEntry).order_by(col(TimelineEntry.seq)))
    return [(row.seq, row.step) for row in rows]


async def test_a_line_told_twice_is_one_line(database: Database) -> None:
    """A journey that repeats itself after a crash leaves each line of its timeline once, as first written."""
    mine = await database.write(enrolled)
    records = DatabaseRecords(database)
    await records.keep(Trail(mine, ENTRIES[:2]))
    changed = Entry(2, NOON, "check", "changed")
    await records.keep(Trail(mine, (ENTRIES[0], changed, ENTRIES[2])))
    assert await database.read(_timeline) == [(1, "wait-1"), (2, "wait-2"), (3, "wait-3")]
    row = await database.read(lambda session: session.get_one(Enrollment, mine))
    assert (row.step, row.last_seq) == ("wait-3", 3)


async def test_lines_come_back_as_they_were_told(database: Database) -> None:
    """Instants and words survive the database, whichever it is."""
    mine = await database.write(enrolled)
    await DatabaseRecords(database).keep(Trail(mine, ENTRIES[:1]))
    row = await database.read(lambda session: session.get_one(TimelineEntry, (mine, 1)))
    assert Entry(row.seq, row.at, row.kind, row.step, row.data) == ENTRIES[0]


async def test_the_first_end_stands(database: Database) -> None:
    """A cancel that comes after the end changes nothing; reserved codes are back in the pool, given ones are not."""

    def prepare(session: Session) -> str:
        add_pool(session, "GIVEN", "KEPT")
        mine = enrolled(session)
        vouchers.assign(session, REWARD, mine, "reward", 1, NOON, "UTC")
        vouchers.reserve(session, REWARD, mine, NOON, "UTC")
        return mine

    mine = await database.write(prepare)
    records = DatabaseRecords(database)
    await records.finish(Ending(Trail(mine, ENTRIES[:1]), "complete", "", NOON))
    await records.finish(Ending(Trail(mine, ENTRIES), "cancelled", "asked by phone", NOON + timedelta(days=1)))
    row = await database.read(lambda session: session.get_one(Enrollment, mine))
    assert (row.state, row.outcome, row.reason, row.ended_at) == ("ended", "complete", "", NOON)
    assert await database.read(_timeline) == [(1, "wait-1"), (2, "end")]
    codes = await database.read(lambda session: {code.code: code.state for code in session.exec(select(Voucher))})
    assert codes == {"GIVEN": "assigned", "KEPT": "free"}


async def test_a_hold_from_temporal_is_a_new_version(database: Database) -> None:
    """Staff who hold and resume in the Temporal UI see both acknowledged, and late news cannot undo them."""
    mine = await database.write(enrolled)
    records = DatabaseRecords(database)
    held = await records.hold(HoldRequest(mine, held=True, reason="complaint"))
    resumed = await records.hold(HoldRequest(mine, held=False, reason="solved"))
    assert (held.version, held.held, held.reason) == (1, True, "complaint")
    assert (resumed.version, resumed.held, resumed.reason) == (2, False, "")
    row = await database.read(lambda session: session.get_one(Enrollment, mine))
    assert (row.held, row.hold_seen) == (False, 2)


async def test_a_broken_transaction_leaves_no_line(database: Database) -> None:
    """An error after the lines were written takes them back with everything else."""
    mine = await database.write(enrolled)

    def broken(session: Session) -> None:
        enrollment, _ = locked(session, mine)
        trail.keep(session, enrollment, ENTRIES)
        session.flush()
        raise ConnectionError("the power went")

    try:
        await database.write(broken)
    except ConnectionError:
        assert await database.read(_timeline) == []
    row = await database.read(lambda session: session.get_one(Enrollment, mine))
    assert row.last_seq == 0
