"""One run of a file's import: chunk after chunk, each in a short transaction of its own."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from sqlmodel import Session

from activities.storage import imports
from activities.storage.ids import new_id
from activities.storage.imports import Chunk
from activities.storage.tables import Import
from api.commits import commit
from api.imports.chunks import ChunkReader
from api.imports.records import records
from api.imports.rhythm import Rhythm, Rules, patient


async def run_import(
    rules: Rules,
    import_id: str,
    file: BinaryIO,
    *,
    only_free: bool = False,
    told: Callable[[Import], None] = lambda _row: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Import:
    """Go on with an import to its end. Where it is interrupted, another run goes on behind the last commit.

    Args:
        rules: of the system.
        import_id: stored; see `imports.opened`.
        file: binary, seekable; with the content of the import.
        only_free: leave it to a process that is at work on it.
        told: hears how far it has come, after each commit.
        stopped: asked between two chunks; True ends the run, and another one may go on at once.

    Raises:
        UnreadableFileError: the file is empty, or its columns are unknown.
        ImportLostError: another process goes on with it.
        DatabaseBusyError: the database stayed locked for a minute.
    """
    owner = new_id("run")
    take = partial(imports.take, import_id=import_id, owner=owner, now=rules.now(), only_free=only_free)
    row = await patient(rules.database, take)
    if row.state == "done":
        return row
    told(row)
    found = await asyncio.to_thread(records, file, row.format, row.position, row.lines)  # type: ignore[arg-type] # stored as one of its two values
    reader, rhythm = ChunkReader(found, row.position), Rhythm(rules)
    while row.state != "done":
        if stopped():
            await commit(rules.database, partial(imports.release, import_id=import_id, owner=owner))
            return row
        chunk = await asyncio.to_thread(reader.read, rhythm.size, rules.now())
        row = await rhythm.write(partial(_advance, rules, import_id, owner, chunk))
        told(row)
        await rhythm.rest()
    return row


def _advance(rules: Rules, import_id: str, owner: str, chunk: Chunk, session: Session) -> Import:
    return imports.advance(session, import_id, owner, chunk, rules.admission, rules.per_minute, rules.now())
