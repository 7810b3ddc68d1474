"""Compiled statements: made once a process, whatever database they are for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import CacheStats
from sqlmodel import Session, select

from activities.storage.database import Database
from activities.storage.tables import Customer
from tests.activities.storage.rows import add_customer


@contextmanager
def _opened(url: str, found: list[CacheStats]) -> Iterator[Database]:
    """An open database with the tables; notes of each statement whether it had been compiled before."""
    database = Database(url, inline=True)
    database.create_all()

    def note(*given: Any) -> None:
        found.append(given[4].cache_hit)  # of the context: NO_CACHE_KEY for a text such as BEGIN

    event.listen(database.engine, "after_cursor_execute", note)
    try:
        yield database
    finally:
        database.close()


def _add_and_read(session: Session) -> None:
    add_customer(session, id="cus_1", attributes={"count": 0})
    session.flush()
    session.expunge_all()
    assert session.get_one(Customer, "cus_1").attributes == {"count": 0}
    assert session.exec(select(sa.func.count()).select_from(Customer)).one() == 1


def test_what_was_compiled_for_one_database_serves_every_other(sqlite_url: str) -> None:
    """A rehearsal compiles nothing that the one before it compiled, and a file no more than a database in memory."""
    for url in ("sqlite://", "sqlite://", sqlite_url):
        found: list[CacheStats] = []
        with _opened(url, found) as database:
            found.clear()  # what made the tables was written by hand
            database.write_now(_add_and_read)
    assert set(found) == {CacheStats.CACHE_HIT, CacheStats.NO_CACHE_KEY}


def test_databases_that_share_what_is_compiled_share_nothing_else() -> None:
    """Each of two open databases has its own rows."""
    with _opened("sqlite://", []) as one, _opened("sqlite://", []) as other:
        one.write_now(_add_and_read)
        assert other.read_now(lambda session: session.exec(select(Customer)).all()) == []
        other.write_now(_add_and_read)
