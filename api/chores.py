"""Chores beside the API: done again and again until it closes. Several APIs may do them; what one did, others leave."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from activities.storage import callbacks, idempotency
from activities.storage.database import DatabaseBusyError
from activities.storage.message_reports import Reception
from api.commits import commit
from api.services import Services

log = logging.getLogger(__name__)

MERGE_EVERY = timedelta(seconds=2)
FORGET_EVERY = timedelta(hours=1)


class Chore:
    """Something that is done at once, and again after every pause.

    Args:
        does: what it is, as the log says it.
        once: does it.
        pause: wall time between two turns.
    """

    def __init__(self, does: str, once: Callable[[], Awaitable[None]], pause: timedelta) -> None:
        self._does = does
        self._once = once
        self._pause = pause
        self._closed = asyncio.Event()

    async def run(self) -> None:
        """Go on until closed."""
        while not self._closed.is_set():
            try:
                await self._once()
            except DatabaseBusyError:
                pass  # the next turn finds what this one left
            except Exception:  # whatever it is, the next turn may succeed
                log.exception("could not %s; it is tried again", self._does)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), self._pause.total_seconds())

    async def close(self) -> None:
        """Stop after the turn it is at."""
        self._closed.set()


def merging_callbacks(services: Services) -> Chore:
    """Callbacks that were here before their message's id are merged as soon as it is known."""

    async def once() -> None:
        reception = Reception(services.reachability, services.admission, services.now())
        if await services.database.read(lambda session: callbacks.any_to_merge(session, reception)):
            services.tell(await commit(services.database, lambda session: callbacks.merge_parked(session, reception)))

    return Chore("merge parked callbacks", once, MERGE_EVERY)


def forgetting_answers(services: Services, pause: timedelta = FORGET_EVERY) -> Chore:
    """Answers kept by Idempotency-Key go once they are past their retention."""

    async def once() -> None:
        await services.database.write(lambda session: idempotency.forget_old(session, services.now()))

    return Chore("forget old answers", once, pause)
