"""Files of registrations: how far each was read, what was wrong with it, and sending another one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select

from activities.storage import audit, bulk_entry, imports
from activities.storage.imports import Format
from activities.storage.tables import Import, RefusedLine
from api.commits import commit
from api.console.frame import HOME, ConsoleDep, ConsoleFrame, RefusedError, SupportDep, ViewerDep, Visit
from api.console.uploads import blocks, file_in, uploaded
from api.errors import ApiError
from api.imports.importer import Importer
from api.imports.uploads import LARGEST, store

router = APIRouter(prefix=f"{HOME}/imports")

MOST, MOST_LINES = 50, 100
ENDINGS: dict[str, Format] = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}


@router.get("")
async def show(frame: ConsoleDep, visit: ViewerDep) -> Response:
    """The latest imports."""
    return await _page(frame, visit)


@router.post("")
async def send(request: Request, frame: ConsoleDep, visit: SupportDep) -> Response:
    """Take a file and import it."""
    folder, now = frame.services.settings.imports_folder, frame.now
    if folder is None:
        raise RefusedError("This system takes no files.", 503)
    async with uploaded(request, frame, visit, LARGEST) as form:
        file = file_in(form, "file")
        if file is None:
            return await _page(frame, visit, "Choose a file first.")
        name = (file.filename or "").lower()
        format_ = next((ENDINGS[ending] for ending in ENDINGS if name.endswith(ending)), None)
        if format_ is None:
            return await _page(frame, visit, "Its name should end with .csv, .ndjson or .jsonl.")
        try:
            content = await store(blocks(file), folder, format_)
        except ApiError as error:
            told = " ".join([error.detail, *(f"{each.detail[:1].upper()}{each.detail[1:]}." for each in error.errors)])
            return await _page(frame, visit, told)

    def transaction(session: Session) -> str:
        row = imports.opened(session, content, now)
        details = {"format": content.format, "bytes": content.size}
        audit.record(session, visit.actor, "import.start", ("import", row.id), now, details=details)
        return row.id

    import_id = await commit(frame.services.database, transaction)
    importer: Importer = request.app.state.importer
    importer.soon()
    return frame.redirect(f"{HOME}/imports/{import_id}")


@router.get("/{import_id}")
async def show_one(
    import_id: str, frame: ConsoleDep, visit: ViewerDep, after: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """One import, with the lines that were refused and why."""

    def transaction(session: Session) -> tuple[Import | None, list[RefusedLine]]:
        lines = imports.refused_lines(session, import_id, after=after, limit=MOST_LINES + 1)
        return session.get(Import, import_id), lines

    row, lines = await frame.services.database.read(transaction)
    if row is None:
        raise RefusedError("There is no such import.", 404)
    return frame.page(
        "import.html",
        visit,
        row=row,
        lines=lines[:MOST_LINES],
        after=after,
        more=lines[MOST_LINES - 1].line if len(lines) > MOST_LINES else None,
        most_kept=bulk_entry.MOST_KEPT,
    )


async def _page(frame: ConsoleFrame, visit: Visit, wrong: str = "") -> Response:
    latest = select(Import).order_by(col(Import.created_at).desc()).limit(MOST)
    rows = await frame.services.database.read(lambda session: session.exec(latest).all())
    takes_files = frame.services.settings.imports_folder is not None
    return frame.page("imports.html", visit, 422 if wrong else 200, rows=rows, wrong=wrong, takes_files=takes_files)
