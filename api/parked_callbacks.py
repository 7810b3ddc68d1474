"""A chore: callbacks that were here before their message's id are merged as soon as it is known."""

import asyncio
import logging
from contextlib import suppress

from activities.storage import callbacks
from activities.storage.database import DatabaseBusyError
from activities.storage.message_reports import Reception
from api.commits import commit
from api.services import Services

log = logging.getLogger(__name__)

PAUSE = 2.0  # seconds


class ParkedCallbacks:
    """Looks after parked callbacks, beside the API. Several may run: what one has merged the others do not find.

    Args:
        services: what the application works with.
        pause: seconds between two looks.
    """

    def __init__(self, services: Services, pause: float = PAUSE) -> None:
        self._services = services
        self._pause = pause
        self._closed = asyncio.Event()

    async def run(self) -> None:
        """Look until closed."""
        while not self._closed.is_set():
            try:
                await self._merge()
            except DatabaseBusyError:
                pass  # the next look finds them
            except Exception:  # whatever it is, the next look may succeed
                log.exception("parked callbacks were not merged")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), self._pause)

    async def close(self) -> None:
        """Stop."""
        self._closed.set()

    async def _merge(self) -> None:
        services = self._services
        reception = Reception(services.reachability, services.admission, services.now())
        if await services.database.read(lambda session: callbacks.any_to_merge(session, reception)):
            services.tell(await commit(services.database, lambda session: callbacks.merge_parked(session, reception)))
