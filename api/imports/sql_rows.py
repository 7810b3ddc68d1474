"""The rows of a query in a database of the client's, page by page in the order of a key; nothing is written there."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from activities.storage.import_sources import Cursor
from api.imports.columns import ATTRIBUTE, TRUTHS, WrongColumnsError, require_known

PAGE = 500  # rows
CONNECT_SECONDS = 10

# What a key may be, by the name under which a cursor keeps it: it must compare in the database as it does here.
KEYS: Mapping[str, tuple[type, Callable[[str], Any]]] = {
    "int": (int, int),
    "decimal": (Decimal, Decimal),
    "datetime": (datetime, datetime.fromisoformat),
    "date": (date, date.fromisoformat),
    "uuid": (UUID, UUID),
    "str": (str, str),
}


class SourceAwayError(Exception):
    """The client's database does not answer; it is worth trying again. `detail` is for the operator's eyes."""

    def __init__(self, detail: str) -> None:
        super().__init__("the database cannot be reached")
        self.detail = detail


class UnreadableSourceError(Exception):
    """A query whose rows cannot be imported at all; nothing of it is taken.

    Args:
        message: what is wrong, without values of anybody's.
        detail: the same in the words of the database, which may quote a value; for the operator's eyes.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail or message


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        cursor: its key.
        cells: by their columns.
    """

    cursor: Cursor
    cells: Sequence[tuple[str, Any]]


class SqlRows:
    """Reads rows by keyset: each page begins behind the key of the last one.

    Args:
        url: SQLAlchemy URL of a SQLite or PostgreSQL database.
        query: a SELECT whose columns are fields of a registration.
        key: column that tells rows apart; in the order in which rows come to be. It may be one of the fields.

    Raises:
        UnreadableSourceError: the URL cannot be used.
    """

    def __init__(self, url: str, query: str, key: str) -> None:
        self._url = _readable(url)
        self._engine = create_engine(
            self._url, poolclass=NullPool, hide_parameters=True, connect_args=_limits(self._url)
        )
        self._query = re.sub(r"[;\s]+\Z", "", query).replace(":", r"\:")  # a colon is no parameter
        self._key = key
        self._columns: list[str] = []

    def check(self) -> None:
        """Look at the columns and at the key.

        Raises:
            SourceAwayError: the database does not answer.
            UnreadableSourceError: the query fails, a column is unknown, or a row lacks the key.
        """
        with self._connected() as connection:
            self._columns = list(connection.execute(text(self._select("WHERE 1 = 0"))).keys())
            named = [name for name in self._columns if name.lower() == self._key.lower()]
            if not named:
                raise UnreadableSourceError(f"the query has no column {self._key!r}, its key")
            self._key = named[0]
            fields = [name for name in self._columns if name != self._key]
            try:
                require_known(fields)
            except WrongColumnsError as error:
                raise UnreadableSourceError(str(error)) from None
            if connection.execute(text(self._select(f"WHERE {self._quoted} IS NULL LIMIT 1"))).first() is not None:
                raise UnreadableSourceError(f"a row has nothing in {self._key!r}, its key")

    def after(self, cursor: Cursor | None) -> Iterator[Row]:
        """The rows behind a key, in its order; all of them for None. Call `check` before.

        Raises:
            SourceAwayError: the database does not answer.
            UnreadableSourceError: the query fails, or two rows have one key.
        """
        while True:
            page = self._page(cursor)
            yield from page[:PAGE]
            if len(page) <= PAGE:
                return
            cursor = page[PAGE - 1].cursor

    def _page(self, cursor: Cursor | None) -> list[Row]:
        """A page and one row beyond it, so that a key given twice is noticed at its end, too."""
        where, parameters = "", {"size": PAGE + 1}
        if cursor is not None:
            where, parameters = f"WHERE {self._quoted} > :after", parameters | {"after": _key_of(cursor)}
        with self._connected() as connection:
            found = connection.execute(
                text(self._select(f"{where} ORDER BY {self._quoted} LIMIT :size")), parameters
            ).all()
        at = self._columns.index(self._key)
        rows = [Row(_cursor_of(each[at]), self._cells(each)) for each in found]
        for one, next_ in pairwise(rows):
            if one.cursor == next_.cursor:
                raise UnreadableSourceError(
                    f"two rows have one {self._key!r}, their key", f"two rows have {self._key} {one.cursor[1]}"
                )
        return rows

    def _cells(self, values: Sequence[Any]) -> list[tuple[str, Any]]:
        kept = zip(self._columns, values, strict=True)
        return [(name, _plain(name, value)) for name, value in kept if name != self._key or name == "id"]

    def _select(self, rest: str) -> str:
        return f"SELECT * FROM ({self._query}\n) AS source {rest}"  # noqa: S608 - the client's query in the client's database; the line break ends a comment

    @property
    def _quoted(self) -> str:
        name = self._engine.dialect.identifier_preparer.quote_identifier(self._key)
        return f"source.{name}".replace(":", r"\:")

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            connection = self._engine.connect()
        except DBAPIError as error:
            raise SourceAwayError(self._said(error)) from None
        with connection:
            try:
                yield connection.execution_options(postgresql_readonly=True) if self._is_postgres else connection
            except DBAPIError as error:
                if error.connection_invalidated or self._is_away(error):
                    raise SourceAwayError(self._said(error)) from None
                kind = type(error.orig).__name__
                raise UnreadableSourceError(f"the query fails ({kind})", self._said(error)) from None

    @property
    def _is_postgres(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    def _is_away(self, error: DBAPIError) -> bool:
        """Whether it is the database's state that is wrong; SQLite has the same class for a wrong query."""
        return isinstance(error, OperationalError) and (self._is_postgres or "locked" in str(error.orig))

    def _said(self, error: DBAPIError) -> str:
        """The first line of what the driver said, without the password."""
        line = str(error.orig).strip().partition("\n")[0]
        return line.replace(self._url.password, "***") if self._url.password else line


def _readable(url: str) -> URL:
    """The URL as our drivers take it; a SQLite file is opened for reading, and not made where there is none."""
    try:
        found = make_url(url)
        backend = found.get_backend_name()
    except (ArgumentError, ValueError):
        raise UnreadableSourceError("not a database URL such as postgresql://user@host/name") from None
    if backend == "postgresql":
        return found.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise UnreadableSourceError(f"SQLite and PostgreSQL can be read, not {backend}")
    if not found.database or found.database == ":memory:":
        raise UnreadableSourceError("the URL names no file, such as sqlite:////data/crm.db")
    return found.set(database=f"file:{quote(found.database)}", query={"mode": "ro", "uri": "true"})


def _limits(url: URL) -> dict[str, Any]:
    return {"timeout" if url.get_backend_name() == "sqlite" else "connect_timeout": CONNECT_SECONDS}


def _key_of(cursor: Cursor) -> Any:
    kind, value = cursor
    return KEYS[kind][1](value)


def _cursor_of(key: Any) -> Cursor:
    for kind, (type_, _) in KEYS.items():
        if isinstance(key, type_) and not isinstance(key, bool):
            return [kind, key.isoformat() if isinstance(key, date) else str(key)]
    raise UnreadableSourceError(f"a key is a number, a text, a date or a UUID, not {type(key).__name__}")


def _plain(column: str, value: Any) -> Any:
    """A value of the database as JSON has it. Fields are texts, attributes keep their numbers."""
    match value:
        case datetime() if column == "date_of_birth":
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Decimal() if column.startswith(ATTRIBUTE):
            return int(value) if value == value.to_integral_value() else float(value)
        case Decimal() | int() if column not in TRUTHS and not column.startswith(ATTRIBUTE):
            return str(value)
        case _:
            return value
