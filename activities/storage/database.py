"""One way into the database: short transactions, run on threads of their own."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel, create_engine

from activities.storage.blank import copy_tables, is_blank, sqlite_tables
from activities.storage.compiled import COMPILED, sqlite_dialect
from activities.storage.group_commit import GroupCommit

T = TypeVar("T")

PATIENCE = timedelta(seconds=10)
POSTGRES_THREADS = 8
STATEMENT_TIMEOUT_MS = 30_000
ERASED = "secure_delete=ON"  # what is blanked or deleted is overwritten in the file, too
DEADLOCK_ATTEMPTS = 3


class DatabaseBusyError(RuntimeError):
    """Another process kept the database locked for longer than we wait."""


class Database:
    """A database by its SQLAlchemy URL.

    Transactions are functions of a session. They must not wait for anything but the database
    (guarantees A20), so they are plain functions and no network call fits into one.

    On SQLite every transaction that may write begins with the write lock taken (guarantees A19), and one
    thread a process does the writing: waiting in line costs less than waiting for SQLite's lock, and those
    that wait together are committed together.

    Args:
        url: e.g. ``sqlite:////data/sojourn.db`` or ``postgresql+psycopg://user@host/name``.
        inline: run transactions on the calling thread; for the rehearsal, which has nobody to wait for.
        patience: wall time to wait for what another process has locked.
    """

    def __init__(self, url: str, *, inline: bool = False, patience: timedelta = PATIENCE) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = (_sqlite_engine if self.is_sqlite else _postgres_engine)(url, patience)
        self._writers: Executor | None = None
        self._readers: Executor | None = None
        self._groups: GroupCommit | None = None
        if not inline:
            self._writers = ThreadPoolExecutor(1 if self.is_sqlite else POSTGRES_THREADS, "database")
            self._readers = ThreadPoolExecutor(2, "database-read") if self.is_sqlite else self._writers
            self._groups = GroupCommit(self.engine, self._writers, self.write_now) if self.is_sqlite else None

    async def write(self, transaction: Callable[[Session], T]) -> T:
        """Run a transaction that may write; it is committed when this returns.

        Raises:
            DatabaseBusyError: the database stayed locked.
        """
        if self._writers is None:
            return self.write_now(transaction)
        if self._groups is not None:
            with _busy_is_clear():
                return await asyncio.wrap_future(self._groups.submit(transaction))
        return await asyncio.get_running_loop().run_in_executor(self._writers, self.write_now, transaction)

    async def read(self, transaction: Callable[[Session], T]) -> T:
        """Run a transaction that only reads."""
        if self._readers is None:
            return self.read_now(transaction)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, transaction)

    def write_now(self, transaction: Callable[[Session], T]) -> T:
        """As `write`, on the calling thread."""
        for _ in range(DEADLOCK_ATTEMPTS - 1):
            try:
                return self._write_once(transaction)
            except OperationalError as error:
                if "deadlock detected" not in str(error.orig):
                    raise
                # PostgreSQL undid all of it so that another transaction could go on.
        return self._write_once(transaction)

    def _write_once(self, transaction: Callable[[Session], T]) -> T:
        with _busy_is_clear(), Session(self.engine, expire_on_commit=False) as session:
            if self.is_sqlite:
                session.connection(execution_options={"sojourn_immediate": True})
            result = transaction(session)
            session.commit()
            return result

    def read_now(self, transaction: Callable[[Session], T]) -> T:
        """As `read`, on the calling thread."""
        with _busy_is_clear(), Session(self.engine, expire_on_commit=False) as session:
            return transaction(session)

    def create_all(self) -> None:
        """Create the tables without migrations: for rehearsals and storage tests."""
        import activities.storage.tables  # noqa: F401 - registers the tables

        if not self.is_sqlite:
            SQLModel.metadata.create_all(self.engine)
            return
        if _in_memory(self.url):
            with self.engine.connect() as connection:
                made = connection.connection.driver_connection
                assert isinstance(made, sqlite3.Connection)  # noqa: S101 - for mypy
                if is_blank(made):
                    copy_tables(made)
                    return
        with self.engine.begin() as connection:
            for statement in sqlite_tables():
                connection.exec_driver_sql(statement)

    def truncate_log(self) -> bool:
        """Bring SQLite's write-ahead log into the file and empty it, so that it holds nothing of what was blanked.

        Returns:
            False where somebody was reading; then it is worth trying again.
        """
        if not self.is_sqlite:
            return True
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not busy

    def close(self) -> None:
        """Let go of threads and connections."""
        for executor in {self._writers, self._readers} - {None}:
            assert executor is not None  # noqa: S101 - for mypy; None was taken out
            executor.shutdown(wait=True)
        self.engine.dispose()


@contextmanager
def _busy_is_clear() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if "database is locked" in str(error) or "lock timeout" in str(error):
            raise DatabaseBusyError("the database is locked by another process; try again") from error
        raise


def _in_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:")


def _sqlite_engine(url: str, patience: timedelta) -> Engine:
    in_memory = _in_memory(make_url(url))
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": patience.total_seconds()},
        execution_options={"compiled_cache": COMPILED},
        **({"poolclass": StaticPool} if in_memory else {}),
    )
    engine.dialect = sqlite_dialect()

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={_milliseconds(patience)}", "foreign_keys=ON", "synchronous=FULL", ERASED):
            cursor.execute(f"PRAGMA {pragma}")
        if not in_memory:
            _use_wal(cursor, patience)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A deferred transaction that reads and then writes fails at once with "locked" whatever the timeout.
        immediate = connection.get_execution_options().get("sojourn_immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _use_wal(cursor: sqlite3.Cursor, patience: timedelta) -> None:
    """Keep a write-ahead log. A new file changes over under an exclusive lock, for which SQLite waits for nobody."""
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _postgres_engine(url: str, patience: timedelta) -> Engine:
    timeouts = f"-c lock_timeout={_milliseconds(patience)} -c statement_timeout={STATEMENT_TIMEOUT_MS}"
    return create_engine(
        url,
        pool_size=POSTGRES_THREADS,
        max_overflow=2,
        connect_args={"options": timeouts, "connect_timeout": 10},
        pool_pre_ping=True,
    )


def _milliseconds(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))
