"""One commit for all the transactions that wait together.

What a small transaction costs on SQLite is its commit: the file is synced to the disk. While one is synced
others come up behind it; they go into one database transaction, each in a savepoint of its own, and one sync
serves them all. Nobody is answered before it.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlmodel import Session

T = TypeVar("T")

LARGEST_GROUP = 16  # the first of a group waits for the last, and other processes for the lock


@dataclass(frozen=True)
class _Waiting:
    transaction: Callable[[Session], Any]
    answer: "Future[Any]"


class GroupCommit:
    """Runs transactions one after the other on one thread, and commits together what waits together.

    A transaction that raises is undone alone. When the commit fails, or the database drops the whole group,
    nothing of it is stored and each caller gets the error.

    Args:
        engine: of a SQLite database.
        thread: an executor with a single thread.
        alone: runs and commits one transaction.
    """

    def __init__(self, engine: Engine, thread: Executor, alone: Callable[[Callable[[Session], Any]], Any]) -> None:
        self._engine = engine
        self._thread = thread
        self._alone = alone
        self._line: deque[_Waiting] = deque()

    def submit(self, transaction: Callable[[Session], T]) -> "Future[T]":
        """Put a transaction in the line; the answer is there once it is committed."""
        answer: Future[T] = Future()
        self._line.append(_Waiting(transaction, answer))
        self._thread.submit(self._write)
        return answer

    def _write(self) -> None:
        """Write what waits; nothing, if an earlier turn has done it."""
        group: list[_Waiting] = []
        while self._line and len(group) < LARGEST_GROUP:
            waiting = self._line.popleft()
            if waiting.answer.set_running_or_notify_cancel():
                group.append(waiting)
        try:
            answers = self._together(group) if len(group) > 1 else [self._alone(each.transaction) for each in group]
        except BaseException as error:  # noqa: BLE001 - the callers' to handle, as with any executor
            answers = [_Raised(error)] * len(group)
        for waiting, answer in zip(group, answers, strict=True):
            if isinstance(answer, _Raised):
                waiting.answer.set_exception(answer.error)
            else:
                waiting.answer.set_result(answer)

    def _together(self, group: list[_Waiting]) -> list[Any]:
        with self._engine.connect().execution_options(sojourn_immediate=True) as connection, connection.begin():
            return [_in_savepoint(connection, each.transaction) for each in group]


@dataclass(frozen=True)
class _Raised:
    error: BaseException


def _in_savepoint(connection: Connection, transaction: Callable[[Session], Any]) -> Any:
    try:
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            result = transaction(session)
            session.commit()
            return result
    except Exception as error:
        # A full disk makes SQLite undo everything, not only the savepoint: then the whole group has failed.
        if not connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr] # sqlite3's own
            raise
        return _Raised(error)
