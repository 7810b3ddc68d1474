"""The importer beside the API: goes on with every file in the folder that is not read to its end."""

import asyncio
import contextlib
import logging
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

from activities.storage import imports
from activities.storage.bulk_entry import ImportLostError
from activities.storage.imports import Content
from activities.storage.tables import Import
from api.imports.rhythm import Rules
from api.imports.running import run_import
from api.imports.uploads import OLDEST_PART, PART, path_of

log = logging.getLogger(__name__)

IDLE = timedelta(seconds=5)


class Importer:
    """Reads files one after the other, so that they share the pace.

    Several may run: each file is left to the process that is at work on it, and to those that have it.

    Args:
        rules: of the system.
        folder: where files wait.
    """

    def __init__(self, rules: Rules, folder: Path) -> None:
        self._rules = rules
        self._folder = folder
        self._woken = asyncio.Event()
        self._closing = False

    def soon(self) -> None:
        """Look for files now instead of at the next turn."""
        self._woken.set()

    async def run(self) -> None:
        """Import until closed; what is left then, the next start goes on with."""
        while not self._closing:
            try:
                await self.turn()
                await self._sweep()
            except Exception:
                log.exception("the importer could not use the database; it tries again")
            if not self._closing:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), IDLE.total_seconds())
                self._woken.clear()

    async def close(self) -> None:
        """End `run` after the chunk it is at."""
        self._closing = True
        self._woken.set()

    async def turn(self) -> None:
        """Import what waits."""
        for row in await self._rules.database.read(partial(imports.waiting, now=self._rules.now())):
            if not self._closing:
                await self._import(row)

    async def _import(self, row: Import) -> None:
        path = path_of(self._folder, Content(row.sha256, row.size, row.format))  # type: ignore[arg-type] # stored as one of its two values
        if not await asyncio.to_thread(path.exists):
            return  # it is at another machine, or a command reads it
        try:
            with await asyncio.to_thread(path.open, "rb") as file:
                row = await run_import(self._rules, row.id, file, only_free=True, stopped=lambda: self._closing)
        except ImportLostError:
            return  # another process is at work on it
        except Exception:
            log.exception("import %s could not go on; it tries again", row.id)
            return
        if row.state == "done":
            await asyncio.to_thread(path.unlink, missing_ok=True)
            log.info("import %s: %s new, %s known, %s refused", row.id, row.accepted, row.known, row.refused)

    async def _sweep(self) -> None:
        """Remove files that were sent again after their end, and what uploads have left whose process died."""
        files = await asyncio.to_thread(_files, self._folder)
        done = await self._rules.database.read(partial(imports.done_among, contents=[path.stem for path, _ in files]))
        for path, age in files:
            if path.stem in done or (age > OLDEST_PART.total_seconds() and path.suffix == PART):
                await asyncio.to_thread(path.unlink, missing_ok=True)


def _files(folder: Path) -> list[tuple[Path, float]]:
    """The files with their age in seconds."""
    now, found = time.time(), []
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            found.append((path, now - path.stat().st_mtime))
    return found
