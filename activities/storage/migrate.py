"""Brings a database to the tables of this version, whoever calls it and however often.

Alembic is loaded by those who ask: a worker asks once, and most commands never do.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from activities.storage.database import Database
from activities.storage.errors import DatabaseAwayError, DatabaseUnusableError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

FOR_GOOD = ("authentication failed", "no password supplied", "pg_hba.conf", "does not exist")  # says PostgreSQL
ADVISORY_LOCK = 0x50701012  # any number of our own: whoever migrates this PostgreSQL database holds it


def migrate(url: str) -> None:
    """Bring a database to the newest revision. All of it happens in one transaction, or nothing does.

    Of several processes that start at once, one migrates and the others wait for it.

    Args:
        url: SQLAlchemy URL; the file of a SQLite database is created, its folder is not.

    Raises:
        DatabaseUnusableError: the database cannot be opened.
        DatabaseBusyError: somebody else keeps the database locked.
    """
    from alembic import command

    _run(url, lambda config: command.upgrade(config, "head"))


def downgrade(url: str, revision: str) -> None:
    """Take a database back to an older revision; what only newer ones know is lost.

    Args:
        url: SQLAlchemy URL.
        revision: its name, or ``base`` for no tables at all.

    Raises:
        DatabaseUnusableError: the database cannot be opened.
        DatabaseBusyError: somebody else keeps the database locked.
    """
    from alembic import command

    _run(url, lambda config: command.downgrade(config, revision))


def current(url: str) -> str | None:
    """The revision of a database; None where it was never migrated.

    Raises:
        DatabaseUnusableError: the database cannot be opened.
    """
    from alembic.runtime.migration import MigrationContext

    parsed = make_url(url)
    if (path := _sqlite_path(parsed)) is not None and not path.exists():
        _require_folder(path)
        return None  # looking would create it
    with _opened(parsed, url) as database, database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision this version knows."""
    from alembic.script import ScriptDirectory

    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise RuntimeError(f"no migrations in {MIGRATIONS}")
    return found


def is_current(url: str) -> bool:
    """Whether a database has the tables of this version.

    Raises:
        DatabaseUnusableError: the database cannot be opened.
    """
    return current(url) == head()


def _run(url: str, step: Callable[["Config"], None]) -> None:
    with _opened(make_url(url), url) as database:

        def transaction(connection: Connection) -> None:
            if not database.is_sqlite:
                # A migration may take its time, and so may waiting for one.
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            config = _config()
            config.attributes["connection"] = connection
            step(config)

        database.write_now(lambda session: transaction(session.connection()))


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@contextmanager
def _opened(parsed: URL, url: str) -> Iterator[Database]:
    path = _sqlite_path(parsed)
    if path is not None:
        _require_folder(path)
    database = Database(url, inline=True)
    try:
        with database.engine.connect():
            pass
        yield database
    except DBAPIError as error:
        # DatabaseBusyError is none of these: `Database` has translated it before.
        which = f"the database file {path}" if path else f"the database {parsed.render_as_string(hide_password=True)}"
        said = " ".join(str(error.orig).split())  # the driver's words, on one line
        failure = DatabaseAwayError if _is_passing(said, parsed) else DatabaseUnusableError
        raise failure(f"cannot use {which}: {said}") from error
    finally:
        database.close()


def _is_passing(said: str, url: URL) -> bool:
    """Whether what a driver said may be over in a moment. A server that starts has many words for it."""
    if url.get_backend_name() == "sqlite":
        return "locked" in said
    return not any(word in said for word in FOR_GOOD)


def _sqlite_path(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database)).absolute()


def _require_folder(path: Path) -> None:
    folder = path.parent
    if not folder.is_dir():
        raise DatabaseUnusableError(f"the folder {folder} of the database file {path.name} does not exist; create it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DatabaseUnusableError(f"no permission to write into the folder {folder} of the database {path.name}")
