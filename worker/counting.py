"""The counting chore: moves what happened lately into the counts that reports read."""

import asyncio
import logging
from datetime import timedelta

from activities.storage.database import Database
from activities.storage.reports import rollup

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=5)


async def keep_counting(database: Database) -> None:
    """Fold changes until cancelled. Reports are right all the time; this keeps them fast.

    Args:
        database: where the counts are.
    """
    while True:
        try:
            while await database.write(rollup.fold) == rollup.BATCH:
                pass
        except Exception:
            log.exception("the counts could not be folded; it is tried again")
        await asyncio.sleep(PAUSE.total_seconds())
