"""A program that starts waits for its database: it may be locked by a backup, or its server not be up yet."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from activities.storage.database import DatabaseBusyError
from activities.storage.errors import DatabaseAwayError, DatabaseUnusableError
from worker.settings import Settings

T = TypeVar("T")

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=60)
PAUSE = timedelta(seconds=1)


async def patiently(step: Callable[[], T], settings: Settings, *, patience: timedelta = PATIENCE) -> T:
    """Do a first step with the database, again and again while it is locked or away.

    Args:
        step: which can be repeated.
        settings: name the database.
        patience: wall time after which it is given up.

    Raises:
        DatabaseUnusableError: it is given up; the message names the setting.
    """
    deadline = time.monotonic() + patience.total_seconds()
    told = ""
    while True:
        try:
            return step()
        except (DatabaseAwayError, DatabaseBusyError) as error:
            if time.monotonic() >= deadline:
                setting = "SOJOURN_DATABASE_URL" if settings.database_url else "SOJOURN_DATA"
                why = f"{error}; it was waited for {patience.total_seconds():g} s. {setting} says where it is"
                raise DatabaseUnusableError(why) from error
            if str(error) != told:
                told = str(error)
                log.info("waiting for the database, %g s at most: %s", patience.total_seconds(), told)
        await asyncio.sleep(PAUSE.total_seconds())
