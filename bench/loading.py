"""Loading many rows quickly: PostgreSQL by COPY, SQLite by INSERT, both without indexes, which are made afterwards.

Rows come as text in the form of PostgreSQL's COPY: fields between tabs, a row a line, NULL as a backslash and N.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from typing import Any, Protocol

import psycopg
from sqlalchemy import make_url
from sqlmodel import SQLModel

import activities.storage.tables  # noqa: F401 - registers the tables

NULL = r"\N"
ENOUGH = 4_000_000  # characters of a table that are sent together
_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"})
_MEANT = {r"\\": "\\", r"\n": "\n", r"\t": "\t", r"\r": "\r"}


class Sink(Protocol):
    """Where rows go."""

    def write(self, table: str, rows: str) -> None:
        """Store rows of a table, all of its columns in their order."""
        ...


def line(values: Sequence[Any]) -> str:
    """A row, without its end."""
    return "\t".join(map(_field, values)) + "\n"


def _field(value: Any) -> str:
    match value:
        case None:
            return NULL
        case bool():
            return str(int(value))
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        case date():
            return value.isoformat()
        case dict() | list():
            return json.dumps(value).translate(_ESCAPED)
        case _:
            return str(value).translate(_ESCAPED)


@contextmanager
def loading(url: str) -> Iterator[Sink]:
    """Load into the empty tables of a database.

    Args:
        url: SQLAlchemy URL.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(parsed.database or "", isolation_level=None)) as connection:
            for pragma in ("journal_mode=OFF", "synchronous=OFF"):  # who opens it next has a log again
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN")
            with _without_indexes_of_sqlite(connection):
                sink = _Collected(_Inserts(connection))
                yield sink
                sink.flush()
            connection.execute("COMMIT")
        return
    address = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, options="-c timezone=UTC", autocommit=True) as session:
        with _without_indexes_of_postgres(session):
            sink = _Collected(_Copies(session))
            yield sink
            sink.flush()
        session.execute("VACUUM ANALYZE")  # as autovacuum would, in time


class _Collected:
    """Hands over much at once."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._rows: defaultdict[str, list[str]] = defaultdict(list)
        self._sizes: defaultdict[str, int] = defaultdict(int)

    def write(self, table: str, rows: str) -> None:
        self._rows[table].append(rows)
        self._sizes[table] += len(rows)
        if self._sizes[table] > ENOUGH:
            self._hand_over(table)

    def flush(self) -> None:
        for table in list(self._rows):
            self._hand_over(table)

    def _hand_over(self, table: str) -> None:
        self._sink.write(table, "".join(self._rows.pop(table)))
        del self._sizes[table]


def _columns(table: str) -> list[str]:
    return [f'"{column.name}"' for column in SQLModel.metadata.tables[table].columns]


class _Copies:
    def __init__(self, session: "psycopg.Connection[Any]") -> None:
        self._session = session

    def write(self, table: str, rows: str) -> None:
        statement = f"COPY {table} ({', '.join(_columns(table))}) FROM STDIN"
        with self._session.cursor().copy(statement.encode()) as copy:
            copy.write(rows)


class _Inserts:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, table: str, rows: str) -> None:
        names = _columns(table)
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - our own names
        lines = rows.split("\n")[:-1]
        self._connection.executemany(statement, ([_meant(each) for each in row.split("\t")] for row in lines))


def _meant(field: str) -> str | None:
    if field == NULL:
        return None
    return re.sub(r"\\[\\ntr]", lambda found: _MEANT[found[0]], field) if "\\" in field else field


@contextmanager
def _without_indexes_of_sqlite(connection: sqlite3.Connection) -> Iterator[None]:
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    yield
    for _, statement in indexes:
        connection.execute(statement)


@contextmanager
def _without_indexes_of_postgres(session: "psycopg.Connection[Any]") -> Iterator[None]:
    constraints = session.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype IN ('p', 'u', 'f') AND connamespace = 'public'::regnamespace"
        " ORDER BY array_position(ARRAY['p', 'u', 'f'], contype::text)"
    ).fetchall()
    for table, name, _ in reversed(constraints):  # keys that others refer to go last, and come first
        session.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'.encode())
    indexes = session.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'").fetchall()
    for name, _ in indexes:
        session.execute(f'DROP INDEX "{name}"'.encode())
    yield
    session.execute("SET maintenance_work_mem = '512MB'")
    for table, name, definition in constraints:
        session.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'.encode())
    for _, definition in indexes:
        session.execute(definition.encode())
