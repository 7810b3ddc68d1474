"""Transactions that wait together are committed together, and none of them notices the others."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, select

from activities.storage.database import Database
from activities.storage.tables import Customer
from tests.activities.storage.rows import add_customer


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A SQLite file."""
    made = Database(f"sqlite:///{tmp_path / 'sojourn.db'}")
    made.create_all()
    yield made
    made.close()


async def _behind_a_slow_one(database: Database, *transactions: Callable[[Session], Any]) -> list[Any]:
    """Let transactions come up while another one holds the writing thread."""
    go = threading.Event()
    first = asyncio.ensure_future(database.write(lambda _: go.wait(10)))
    rest = [asyncio.ensure_future(database.write(each)) for each in transactions]
    await asyncio.sleep(0)  # all are in the line now
    go.set()
    await first
    return await asyncio.gather(*rest, return_exceptions=True)


def _names(session: Session) -> list[str]:
    return sorted(session.exec(select(Customer.id)).all())


async def test_a_crowd_is_served_by_one_commit(database: Database) -> None:
    """Ten registrations at once wait for the disk once, and each gets its own answer."""
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)
    answers = await _behind_a_slow_one(
        database, *(lambda session, name=f"cus_{n}": add_customer(session, id=name).id for n in range(10))
    )
    assert answers == [f"cus_{n}" for n in range(10)]
    assert len(commits) == 2
    assert await database.read(_names) == sorted(f"cus_{n}" for n in range(10))


async def test_a_failure_undoes_nobody_elses_work(database: Database) -> None:
    """A registration that is refused takes none of those beside it along."""

    def twice(session: Session) -> None:
        add_customer(session, id="cus_c")
        session.flush()
        session.execute(text("INSERT INTO customers SELECT * FROM customers WHERE id = 'cus_a'"))

    def broken(session: Session) -> None:
        add_customer(session, id="cus_d")
        session.flush()
        raise ConnectionError("the power went")

    answers = await _behind_a_slow_one(
        database,
        lambda session: add_customer(session, id="cus_a").id,
        twice,
        broken,
        lambda session: add_customer(session, id="cus_b").id,
    )
    assert answers[0] == "cus_a"
    assert isinstance(answers[1], IntegrityError)
    assert isinstance(answers[2], ConnectionError)
    assert answers[3] == "cus_b"
    assert await database.read(_names) == ["cus_a", "cus_b"]


async def test_nobody_is_answered_when_the_database_drops_the_group(database: Database) -> None:
    """A full disk undoes the whole group: everyone hears of it, and nothing is stored."""

    def full(session: Session) -> None:
        session.connection().exec_driver_sql("ROLLBACK")  # what SQLite does by itself
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    answers = await _behind_a_slow_one(
        database,
        lambda session: add_customer(session, id="cus_a").id,
        full,
        lambda session: add_customer(session, id="cus_b").id,
    )
    assert [type(each) for each in answers] == [OperationalError] * 3
    assert await database.read(_names) == []
    await database.write(lambda session: add_customer(session, id="cus_e").id)
    assert await database.read(_names) == ["cus_e"]


async def test_a_caller_who_has_left_is_passed_over(database: Database) -> None:
    """A request that was given up before its turn changes nothing."""
    go = threading.Event()
    first = asyncio.ensure_future(database.write(lambda _: go.wait(10)))
    given_up = asyncio.ensure_future(database.write(lambda session: add_customer(session, id="cus_a").id))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    go.set()
    await first
    await database.write(lambda session: add_customer(session, id="cus_b").id)
    assert await database.read(_names) == ["cus_b"]
