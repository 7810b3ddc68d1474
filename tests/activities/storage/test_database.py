"""Transactions: all or nothing, none lost, and a clear word when the database is locked."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, StatementError
from sqlmodel import Session, SQLModel, select

from activities.clock import JourneyClock
from activities.storage import intake
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.database import Database, DatabaseBusyError
from activities.storage.intake import Admission
from activities.storage.tables import Customer, InboxEvent, OutboxItem
from tests.activities.storage.rows import NOON, add_customer

PATIENCE = timedelta(milliseconds=200)


def _count(session: Session, table: type[SQLModel]) -> int:
    return session.exec(select(sa.func.count()).select_from(table)).one()


def _add_one(session: Session) -> None:
    customer = session.get_one(Customer, "cus_1", with_for_update=True)
    customer.attributes = {"count": customer.attributes["count"] + 1}
    session.add(customer)


def test_eight_writers_lose_no_update(database_url: str) -> None:
    """Workers, API and relay write to one database at once, and every read-modify-write counts."""
    writers = [Database(database_url, inline=True) for _ in range(8)]  # connections of their own, as processes have
    writers[0].write_now(lambda session: add_customer(session, id="cus_1", attributes={"count": 0}) and None)

    def write(writer: Database) -> None:
        for _ in range(25):
            writer.write_now(_add_one)

    with ThreadPoolExecutor(len(writers)) as threads:
        list(threads.map(write, writers))
    counted = writers[0].read_now(lambda session: session.get_one(Customer, "cus_1").attributes)
    for writer in writers:
        writer.close()
    assert counted == {"count": 200}


@contextmanager
def _locked(url: str) -> Iterator[None]:
    """Somebody else is in the middle of a transaction that has written to the customers."""
    other = Database(url, inline=True)
    with Session(other.engine) as session:
        if other.is_sqlite:
            session.connection(execution_options={"sojourn_immediate": True})
        session.exec(sa.update(Customer).values(first_name="Bea"))
        yield
    other.close()


async def test_a_locked_database_is_called_busy_in_time(database_url: str) -> None:
    """A request that cannot get through is told so within the time it may wait; afterwards all is well."""
    database = Database(database_url, patience=PATIENCE)
    await database.write(lambda session: add_customer(session, id="cus_1") and None)

    def rename(session: Session) -> None:
        session.exec(sa.update(Customer).values(first_name="Cleo"))

    with _locked(database_url):
        asked = asyncio.get_running_loop().time()
        with pytest.raises(DatabaseBusyError):
            await database.write(rename)
        waited = asyncio.get_running_loop().time() - asked
        # Readers are not held up.
        assert (await database.read(lambda session: session.get_one(Customer, "cus_1"))).first_name == "Ada"
    assert PATIENCE.total_seconds() * 0.9 <= waited < 5
    await database.write(rename)
    assert (await database.read(lambda session: session.get_one(Customer, "cus_1"))).first_name == "Cleo"
    database.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite admits one writer at a time
async def test_two_transactions_in_each_others_way_both_succeed(database: Database) -> None:
    """PostgreSQL ends a deadlock by undoing one of the two; that one runs again and nobody notices."""
    await database.write(lambda session: [add_customer(session, id=name) for name in ("a", "b")] and None)
    both_hold_one = threading.Barrier(2)
    runs = []

    def crosswise(session: Session, first: str, second: str) -> None:
        runs.append(first)
        session.get(Customer, first, with_for_update=True)
        if runs.count(first) == 1:
            both_hold_one.wait(10)
        session.get_one(Customer, second, with_for_update=True).attributes = {first: second}

    await asyncio.gather(
        database.write(lambda session: crosswise(session, "a", "b")),
        database.write(lambda session: crosswise(session, "b", "a")),
    )
    assert len(runs) > 2
    rows = await database.read(lambda session: session.exec(select(Customer)).all())
    assert {row.id: row.attributes for row in rows} == {"a": {"b": "a"}, "b": {"a": "b"}}


async def test_an_accepted_registration_is_whole_or_not_there(database: Database) -> None:
    """A crash while a registration is taken in leaves no customer without journey and no event without effect."""
    admission = Admission(journeys={}, clock=JourneyClock())
    registration = Registration(ProfileChanges({"first_name": "Ada", "email": "ada@example.com"}))

    def crash(session: Session) -> None:
        intake.register(session, registration, admission, NOON)
        session.flush()
        assert session.exec(select(InboxEvent)).all()
        raise ConnectionError("the power went")

    with pytest.raises(ConnectionError):
        await database.write(crash)
    for table in (Customer, InboxEvent, OutboxItem):
        assert await database.read(partial(_count, table=table)) == 0
    taken_in = await database.write(lambda session: intake.register(session, registration, admission, NOON))
    assert taken_in.created


async def test_a_naive_instant_is_refused(database: Database) -> None:
    """A developer who forgets the time zone is told at once, not by customers woken at night."""
    naive = datetime(2027, 1, 12, 12)  # noqa: DTZ001 - what this test is about
    with pytest.raises(StatementError, match="naive datetime for the database"):
        await database.write(lambda session: add_customer(session, created_at=naive) and None)


async def test_instants_come_back_in_utc(database: Database) -> None:
    """Whatever the zone they were written in, and on both databases, instants are read as UTC to the microsecond."""
    instant = datetime(2027, 1, 12, 20, 30, 1, 234567, tzinfo=timezone(timedelta(hours=9, minutes=30)))
    await database.write(lambda session: add_customer(session, id="cus_1", created_at=instant) and None)
    row = await database.read(lambda session: session.get_one(Customer, "cus_1"))
    assert row.created_at == instant
    assert row.created_at.tzinfo is UTC


async def test_a_sqlite_file_survives_a_power_cut(sqlite_database: Database, tmp_path: Path) -> None:
    """A commit that was answered is on the disk, and readers do not wait for writers (guarantees A19)."""

    def pragmas(session: Session) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return {name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    assert await sqlite_database.read(pragmas) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }
    assert (tmp_path / "sojourn.db-wal").exists()


def test_a_new_file_that_another_process_is_writing_is_waited_for(tmp_path: Path) -> None:
    """API and worker may open a new database together: the change to a write-ahead log waits for its turn."""
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database = Database(f"sqlite:///{path}", inline=True, patience=timedelta(milliseconds=300))
    started = time.monotonic()
    with pytest.raises(OperationalError, match="locked"):
        database.engine.connect()
    assert time.monotonic() - started >= 0.3
    other.execute("COMMIT")
    database.engine.connect().close()
    database.close()
    other.close()
