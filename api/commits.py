"""A writing transaction, committed: without the framework, for the worker commits as well."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from activities.storage.database import Database

T = TypeVar("T")

ATTEMPTS = 5


async def commit(database: Database, transaction: Callable[[Session], T]) -> T:
    """Run a writing transaction, again if another one was first to write the same row.

    Raises:
        DatabaseBusyError: the database stayed locked.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return await database.write(transaction)
        except IntegrityError:
            continue  # a unique row was written meanwhile: read it this time
    return await database.write(transaction)
