"""Programs run only on a database with the tables of their version."""

from activities.storage.migrate import is_current
from worker.settings import Settings, WrongSettingError


def require_migrated(settings: Settings) -> None:
    """Refuse a database of another version.

    Args:
        settings: name the database.

    Raises:
        WrongSettingError: with what to do.
        DatabaseUnusableError: it cannot be opened.
    """
    if not is_current(settings.database):
        raise WrongSettingError("the database is not of this version; run `sojourn migrate` first")
