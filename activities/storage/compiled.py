"""The statements compiled for SQLite, kept once a process: its databases all speak the same.

SQLAlchemy keeps what it compiles with the engine. Each rehearsal has a database of its own, and compiling
anew what the rehearsal before it had compiled took nearly half of its time.
"""

from functools import cache
from typing import Any

from sqlalchemy import Dialect, create_engine
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import LRUCache

COMPILED: LRUCache[Any, Any] = LRUCache(1000)


@cache
def sqlite_dialect() -> Dialect:
    """What is known of SQLite in this process; compiled statements are found again by it."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect():  # it asks SQLite for its version as it first connects
        pass
    engine.dispose()
    return engine.dialect
