"""The activity of an import from a database: reads page after page, and tells Temporal that it lives."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.storage import import_sources
from activities.storage.bulk_entry import ImportLostError
from activities.storage.import_sources import SourceUnknownError
from api.imports.rhythm import Rules
from api.imports.source_runs import new_run, run_source
from api.imports.sql_rows import SourceAwayError, SqlRows, UnreadableSourceError
from worker.settings import WrongSettingError
from worker.sources.results import SourceRun, between
from worker.sources.workflow import NAME

HEARTBEAT = timedelta(seconds=10)


class SourceImports:
    """Reads sources for `import-from-source`.

    Args:
        rules: of the system.
        url_of: tells the URL of a database by its name, or raises WrongSettingError.
    """

    def __init__(self, rules: Rules, url_of: Callable[[str], str]) -> None:
        self._rules = rules
        self._url_of = url_of

    @activity.defn(name=NAME)
    async def import_from_source(self, name: str) -> SourceRun:
        """Read a source to its end.

        What goes wrong is told without the words of the client's database, which may quote a customer's values.

        Raises:
            ApplicationError: the database is away or its address is not set, which is tried again; or the query is
                wrong or the source was removed, which is not.
        """
        try:
            return await self._import(name)
        except (SourceAwayError, WrongSettingError) as error:
            raise ApplicationError(f"{name}: {error}", type="SourceAway") from None
        except ImportLostError:
            raise ApplicationError(f"{name}: another process is at work on it", type="SourceBusy") from None
        except UnreadableSourceError as error:
            raise ApplicationError(f"{name}: {error}", type="UnreadableSource", non_retryable=True) from None
        except SourceUnknownError:
            raise ApplicationError(f"{name}: it was removed", type="SourceUnknown", non_retryable=True) from None

    async def _import(self, name: str) -> SourceRun:
        before = await self._rules.database.read(lambda session: import_sources.find(session, name))
        rows = SqlRows(self._url_of(before.address), before.query, before.key)
        async with _beating() as progress:
            await asyncio.to_thread(rows.check)
            after = await run_source(
                self._rules,
                name,
                rows,
                new_run(),
                only_free=True,
                heard=lambda row: progress.update(asdict(between(before, row))),
                stopped=activity.is_worker_shutdown,
            )
        if after.finished_at == before.finished_at:
            raise ApplicationError(f"{name}: the worker stops; another one goes on", type="WorkerStops")
        return between(before, after)


@asynccontextmanager
async def _beating() -> AsyncIterator[dict[str, int]]:
    """Heartbeats with what is in the yielded progress, also while the client's database thinks."""
    progress: dict[str, int] = {}

    async def beat() -> None:
        while True:
            activity.heartbeat(progress)
            await asyncio.sleep(HEARTBEAT.total_seconds())

    beating = asyncio.create_task(beat())
    try:
        yield progress
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating
