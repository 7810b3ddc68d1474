"""Rows of a client's own database, read by key, whatever comes in between."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session, func, select

from activities.clock import JourneyClock
from activities.storage import import_sources
from activities.storage.bulk_entry import ImportLostError
from activities.storage.database import Database
from activities.storage.import_sources import Definition
from activities.storage.intake import Admission
from activities.storage.tables import Customer, Enrollment, ImportSource, OutboxItem, RefusedRow
from api.imports import sql_rows
from api.imports.rhythm import Rules
from api.imports.source_runs import new_run, run_source
from api.imports.sql_rows import SourceAwayError, SqlRows, UnreadableSourceError
from tests.databases import PostgresServer
from workflows import catalogue

JOURNEY = "data-collection-voucher"
QUERY = """SELECT no, 'c' || no AS id, mail AS email, born AS date_of_birth, shoe AS "attributes.shoe_size",
  wants AS "consents.sms" FROM people WHERE mail NOT LIKE '%:spam' -- none of those;
;"""
PEOPLE = """CREATE TABLE people (no INTEGER PRIMARY KEY, mail TEXT, born DATE, shoe NUMERIC(4, 1), wants BOOLEAN)"""
PASSWORD = "open-sesame"


@pytest.fixture(params=["sqlite", "postgresql"])
def crm_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the client's, once on SQLite, once on PostgreSQL; its URL as clients write it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'the crm.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.fresh() as url:
        yield url.replace("postgresql+psycopg://postgres@", f"postgresql://postgres:{PASSWORD}@")


@pytest.fixture
def crm(crm_url: str) -> Iterator[Engine]:
    """The client's database, with a table of people."""
    engine = create_engine(crm_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text(PEOPLE))
    yield engine
    engine.dispose()


def add(crm: Engine, *numbers: int, **values: Any) -> None:
    """People who came to be in the client's database."""
    with crm.begin() as connection:
        for number in numbers:
            row = {"mail": f"ada{number}@example.com", "born": "1990-03-27", "shoe": 38.5, "wants": True} | values
            connection.execute(
                text("INSERT INTO people VALUES (:no, :mail, :born, :shoe, :wants)"), {"no": number, **row}
            )


@pytest.fixture
def rules(sqlite_database: Database) -> Rules:
    """Of a system with one journey."""
    return Rules(sqlite_database, Admission({JOURNEY: catalogue()[JOURNEY]}, JourneyClock()), 6000)


def define(rules: Rules, query: str = QUERY, key: str = "no") -> None:
    """Store what is read."""
    rules.database.write_now(
        lambda session: import_sources.defined(session, Definition("crm", query, key), rules.now())
    )


def rows_of(url: str, query: str = QUERY, key: str = "no") -> SqlRows:
    """The rows, checked."""
    rows = SqlRows(url, query, key)
    rows.check()
    return rows


async def imported(rules: Rules, url: str) -> ImportSource:
    """A run to the end of what there is."""
    define(rules)
    return await run_source(rules, "crm", rows_of(url), new_run())


def counted(session: Session) -> list[int]:
    """Customers, enrollments and starts in the outbox."""
    return [session.exec(select(func.count()).select_from(t)).one() for t in (Customer, Enrollment, OutboxItem)]


def stored(session: Session) -> ImportSource:
    """How far it is."""
    return import_sources.find(session, "crm")


async def test_a_second_run_takes_in_what_is_new(rules: Rules, crm: Engine, crm_url: str) -> None:
    """Whoever imports again gets the customers of meanwhile, typed as they were there, and nobody twice."""
    add(crm, *range(1, 31))
    add(crm, 31, mail="x@example.com:spam")
    first = await imported(rules, crm_url)
    assert (first.rows, first.accepted, first.known, first.refused) == (30, 30, 0, 0)
    assert first.finished_at is not None
    add(crm, 32, 33)
    second = await imported(rules, crm_url)
    assert (second.rows, second.accepted) == (32, 32)
    assert (await imported(rules, crm_url)).rows == 32
    assert await rules.database.read(counted) == [32, 32, 32]
    customer = await rules.database.read(
        lambda session: session.exec(select(Customer).where(Customer.external_id == "c1")).one()
    )
    assert (customer.source, str(customer.date_of_birth), customer.attributes) == (
        "import",
        "1990-03-27",
        {"shoe_size": 38.5},
    )


async def test_bad_rows_are_named_by_their_key(rules: Rules, crm: Engine, crm_url: str) -> None:
    """Each refused row is kept with its key and its fields, never with its values, and the others come in."""
    add(crm, 1, 3)
    add(crm, 2, mail="nobody")
    row = await imported(rules, crm_url)
    assert (row.accepted, row.refused) == (2, 1)
    (refused,) = await rules.database.read(lambda session: session.exec(select(RefusedRow)).all())
    assert (refused.key, [error["field"] for error in refused.errors]) == ("2", ["email"])
    assert "nobody" not in str(refused)


@pytest.mark.parametrize("crm_url", ["sqlite"], indirect=True)
async def test_an_interrupted_run_goes_on_where_it_stopped(
    rules: Rules, crm: Engine, crm_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a run is broken off, between two pages or within one, the next takes in the rest, and nobody twice."""
    monkeypatch.setattr(sql_rows, "PAGE", 7)
    add(crm, *range(1, 61))
    define(rules)
    heard = asyncio.Semaphore(0)
    for _ in range(3):
        run = asyncio.create_task(
            run_source(rules, "crm", rows_of(crm_url), new_run(), heard=lambda _row: heard.release())
        )
        for _ in range(2):  # that it has begun, and that its first chunk is stored
            await heard.acquire()
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    assert 0 < (await rules.database.read(stored)).rows < 60
    row = await run_source(rules, "crm", rows_of(crm_url), new_run(), only_free=True)
    assert (row.rows, row.accepted + row.known) == (60, 60)
    assert await rules.database.read(counted) == [60, 60, 60]


@pytest.mark.parametrize("crm_url", ["sqlite"], indirect=True)
async def test_of_two_runs_the_later_one_goes_on(rules: Rules, crm: Engine, crm_url: str) -> None:
    """A scheduled run leaves rows to the one that is at work on them; a second command takes them over."""
    add(crm, *range(1, 61))
    define(rules)
    begun = asyncio.Event()
    first = asyncio.create_task(run_source(rules, "crm", rows_of(crm_url), new_run(), heard=lambda _row: begun.set()))
    await begun.wait()
    with pytest.raises(ImportLostError):
        await run_source(rules, "crm", rows_of(crm_url), new_run(), only_free=True)
    second = await run_source(rules, "crm", rows_of(crm_url), new_run())
    with pytest.raises(ImportLostError):
        await first
    assert second.accepted == 60
    assert await rules.database.read(counted) == [60, 60, 60]


@pytest.mark.parametrize(
    ("query", "key", "named"),
    [
        ("SELECT no, mail AS emial FROM people", "no", "'emial'"),
        ("SELECT mail AS email FROM people", "no", "no column 'no'"),
        ("SELECT no, mail AS email FROM nobody", "no", "the query fails"),
        ("SELECT 7 AS no, mail AS email FROM people", "no", "two rows"),
        ("SELECT NULL AS no, mail AS email FROM people", "no", "nothing in 'no'"),
        ("DELETE FROM people", "no", "the query fails"),
        ("SELECT 1 AS no) AS x; DELETE FROM people; --", "no", "the query fails"),
    ],
)
async def test_a_query_that_cannot_be_imported_leaves_no_trace(
    rules: Rules, crm: Engine, crm_url: str, query: str, key: str, named: str
) -> None:
    """Whoever gets a query wrong is told so before anything is taken, and the client's database is as it was."""
    add(crm, 1, 2)
    define(rules, query, key)
    with pytest.raises(UnreadableSourceError, match=named):
        await run_source(rules, "crm", rows_of(crm_url, query, key), new_run())
    assert await rules.database.read(counted) == [0, 0, 0]
    with crm.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM people")).scalar_one() == 2


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("sqlite:////nowhere/crm.db", SourceAwayError),
        (f"postgresql://crm:{PASSWORD}@127.0.0.1:1/crm", SourceAwayError),
        (f"mysql://crm:{PASSWORD}@127.0.0.1/crm", UnreadableSourceError),
        (PASSWORD, UnreadableSourceError),
        ("sqlite://", UnreadableSourceError),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(url: str, error: type[Exception]) -> None:
    """Whoever gives a wrong address reads what is wrong, and nobody reads the password."""
    with pytest.raises(error) as caught:
        rows_of(url)
    assert PASSWORD not in f"{caught.value} {getattr(caught.value, 'detail', '')} {caught.value!r}"


@pytest.mark.parametrize("crm_url", ["postgresql"], indirect=True)
async def test_the_password_is_kept_nowhere(
    rules: Rules, crm: Engine, crm_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The password of the client's database is in no table of ours and in no log."""
    caplog.set_level(logging.DEBUG)
    add(crm, 1, 2)
    await imported(rules, crm_url)
    assert PASSWORD not in caplog.text
    tables = rules.database.read_now(
        lambda session: [session.execute(table.select()).all() for table in Customer.metadata.sorted_tables]
    )
    assert PASSWORD not in str(tables)


async def test_another_key_begins_anew_and_another_query_does_not(rules: Rules) -> None:
    """A corrected query goes on where the rows were read to; a key that means something else starts over."""
    define(rules)
    rules.database.write_now(lambda session: setattr(stored(session), "cursor", ["int", "7"]))
    define(rules, "SELECT * FROM others")
    assert rules.database.read_now(stored).cursor == ["int", "7"]
    define(rules, "SELECT * FROM others", "at")
    row = rules.database.read_now(stored)
    assert (row.cursor, row.key) == (None, "at")
