"""Rows that are there once, whoever comes first: what `INSERT ... ON CONFLICT` does on both databases."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_new(session: Session, table: type[SQLModel], row: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is there.

    Args:
        session: a writing transaction; what it has not flushed yet stays so.
        table: where.
        row: all of its columns that have no default in the database.

    Returns:
        Whether it was new. Of two transactions at once, one is told so.
    """
    statement = _insert(session, table).values(**row).on_conflict_do_nothing()
    inserted = session.connection().execute(statement.returning(*statement.table.primary_key))
    return inserted.first() is not None


def add_up(session: Session, table: type[SQLModel], column: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or add a column of theirs to those that are there under the same keys.

    Args:
        session: a writing transaction.
        table: where.
        column: name of the one that is added up.
        rows: in the order of their keys, so that two transactions cannot wait for each other.
    """
    statement = _insert(session, table)
    keys = [key.name for key in statement.table.primary_key]
    both = statement.table.c[column] + statement.excluded[column]
    session.connection().execute(statement.on_conflict_do_update(index_elements=keys, set_={column: both}), rows)


def _insert(session: Session, table: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)
