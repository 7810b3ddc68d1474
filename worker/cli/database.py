"""The system's database, opened for one command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from activities.storage.database import Database
    from worker.settings import Settings


def signing_settings() -> "Settings":
    """The settings of a command that needs the secret key; that of a folder which `sojourn dev` made lies in it.

    Raises:
        WrongSettingError: a setting is wrong, or there is no key.
    """
    from worker.dev.folder import SECRET_KEY
    from worker.settings import read_settings

    settings = read_settings(signing=False)
    file = settings.data / SECRET_KEY
    if settings.keys or settings.database_url or not file.is_file():
        return read_settings()
    return read_settings(secret_keys=file.read_text(encoding="utf-8").strip())


@contextmanager
def opened() -> "Iterator[Database]":
    """The database that the settings name, closed afterwards.

    Raises:
        WrongSettingError: a setting is wrong, or the database is not migrated.
        DatabaseUnusableError: it cannot be opened.
    """
    from activities.storage.database import Database
    from worker.schema import require_migrated
    from worker.settings import read_settings

    settings = read_settings(signing=False)
    require_migrated(settings)
    database = Database(settings.database, inline=True)
    try:
        yield database
    finally:
        database.close()


def exists() -> bool:
    """Whether the settings name a database that is migrated. Looking changes nothing.

    Raises:
        WrongSettingError: a setting is wrong.
        DatabaseUnusableError: there is one, and it cannot be opened.
    """
    from activities.storage.migrate import is_current
    from worker.settings import read_settings

    settings = read_settings(signing=False)
    if not settings.database_url and not settings.data.is_dir():
        return False
    return is_current(settings.database)
