"""Databases with the tables and nothing in them."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from sqlmodel import Session, select

from activities.storage.blank import copy_tables, sqlite_tables
from activities.storage.database import Database
from activities.storage.tables import Customer
from tests.activities.storage.rows import add_customer

AT_ONCE = 8
SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"


def test_the_copied_tables_are_those_of_the_statements() -> None:
    """A rehearsal finds the tables, columns and indexes that a file has."""
    with closing(sqlite3.connect(":memory:")) as copied, closing(sqlite3.connect(":memory:")) as made:
        copy_tables(copied)
        for statement in sqlite_tables():
            made.execute(statement)
        assert copied.execute(SCHEMA).fetchall() == made.execute(SCHEMA).fetchall() != []


def _live(name: str) -> list[str]:
    """Whom a database of one's own knows after one customer was written to it."""
    database = Database("sqlite://", inline=True)
    try:
        database.create_all()
        database.write_now(lambda session: add_customer(session, id=name) and None)
        database.create_all()  # where there are tables, nothing is made anew
        return database.read_now(_customers)
    finally:
        database.close()


def _customers(session: Session) -> list[str]:
    assert session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    return list(session.exec(select(Customer.id)))


def test_each_rehearsal_has_a_database_of_its_own() -> None:
    """Staff may rehearse at the same time and one after the other: nobody meets another's customer."""
    names = [f"cus_{number}" for number in range(10 * AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert list(threads.map(_live, names)) == [[name] for name in names]
