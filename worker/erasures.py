"""What follows an erasure: copies outside the tables, and late writes of work that was under way."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from activities.providers.mailbox import forget
from activities.storage import erasure
from activities.storage.database import Database

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=2)


class Erasures:
    """Brings erasures to their end. A crash loses nothing: what is pending stands in the database.

    Args:
        database: where erasures are recorded.
        mail_folder: of the mailbox, which keeps messages as files.
        now: wall clock, UTC.
    """

    def __init__(
        self, database: Database, mail_folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._mail_folder = mail_folder
        self._now = now

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                await self.turn()
            except Exception:
                log.exception("an erasure could not be completed; it is tried again")
            await asyncio.sleep(PAUSE.total_seconds())

    async def turn(self) -> int:
        """Do for every pending erasure what can be done now.

        Returns:
            How many are complete with it.
        """
        records = await self._database.read(erasure.pending)
        done = [record.customer_id for record in records if await self._blank(record.customer_id)]
        if not done or not await asyncio.to_thread(self._database.truncate_log):
            return 0
        await self._database.write(lambda session: self._complete(session, done))
        log.info("%d erasures are complete", len(done))
        return len(done)

    async def _blank(self, customer_id: str) -> bool:
        """Whether nothing is left, and nothing can follow."""
        now = self._now()
        over = await self._database.write(lambda session: erasure.blank_again(session, customer_id, now))
        keys = await self._database.read(lambda session: erasure.message_ids(session, customer_id))
        await asyncio.to_thread(forget, self._mail_folder, set(keys))
        return over

    def _complete(self, session: Session, customer_ids: list[str]) -> None:
        for customer_id in customer_ids:
            erasure.cleared(session, customer_id, self._now())
