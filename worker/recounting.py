"""The recounting chore: all accounts are counted anew after what a journey asks for has changed."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from activities.clock import JourneyClock
from activities.storage.database import Database
from activities.storage.recounts import recount
from workflows.journey import Journey

log = logging.getLogger(__name__)

PAUSE = timedelta(minutes=1)
BREATH = timedelta(milliseconds=50)  # between two batches: live customers go first


async def keep_recounting(database: Database, journeys: Mapping[str, type[Journey]], clock: JourneyClock) -> None:
    """Look for changed goals until cancelled.

    Args:
        database: where accounts are.
        journeys: by name.
        clock: the journey clock.
    """
    while True:
        more = False
        try:
            more = await database.write(lambda session: recount(session, journeys, clock, datetime.now(UTC)))
        except Exception:
            log.exception("the accounts could not be counted anew; it is tried again")
        await asyncio.sleep((BREATH if more else PAUSE).total_seconds())
