"""Files of registrations, taken in beside the registrations that arrive one by one."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from activities.storage import imports
from activities.storage.tables import Import, RefusedLine
from activities.storage.timeline_view import instant
from api.dependencies import KeyDep, ServicesDep
from api.errors import ApiError, not_found
from api.imports.importer import Importer
from api.imports.uploads import receive
from api.openapi import IDEMPOTENCY_KEY, problems
from api.transactions import Answer, perform

router = APIRouter(prefix="/v1/imports", tags=["imports"])

MOST_SHOWN = 100
TEXT = {"schema": {"type": "string"}}
BODY = {"required": True, "content": {"text/csv": TEXT, "application/x-ndjson": TEXT}}
ANSWERS = problems(400, 409, 422) | {
    status: {**problems(409)[409], "description": told}
    for status, told in {
        413: "larger than a gigabyte",
        415: "not a CSV or NDJSON file",
        507: "the disk is full",
    }.items()
}


class WrongField(BaseModel):
    """What is wrong with one field of a line; an empty name for the line as a whole."""

    field: str
    detail: str


class WrongLine(BaseModel):
    """A line that was not taken."""

    line: int
    errors: list[WrongField]


class ImportAnswer(BaseModel):
    """How far an import has come."""

    id: str
    state: str
    format: str
    bytes: int
    bytes_read: int
    lines_read: int = Field(description="of the file: heading, empty lines and line breaks inside cells, too")
    accepted: int = Field(description="new customers; accepted, known and refused add up to the rows that were read")
    known: int = Field(description="customers we had")
    refused: int = Field(description="rows that are wrong")
    created_at: str
    finished_at: str | None
    refused_lines: list[WrongLine]


@router.post(
    "",
    status_code=202,
    response_model=ImportAnswer,
    responses=ANSWERS,
    openapi_extra={"requestBody": BODY, "parameters": [IDEMPOTENCY_KEY]},
)
async def start(request: Request, services: ServicesDep, key_id: KeyDep) -> JSONResponse:
    """Store a file and import it: a CSV file with the fields of a registration as columns, or a registration a line.

    The answer comes once the file is safe. The same content again is the same import, and enrolls nobody twice.
    """
    content = await receive(request, _folder(services.settings.imports_folder))

    def work(session: Session, now: datetime) -> Answer:
        return Answer(202, _answer(imports.opened(session, content, now), []))

    known = {"sha256": content.sha256, "size": content.size, "format": content.format}
    answer = await perform(services, request, key_id, known, work)
    importer: Importer = request.app.state.importer
    importer.soon()
    return answer


@router.get("/{import_id}", response_model=ImportAnswer, responses=problems(404))
async def show(
    import_id: str,
    services: ServicesDep,
    _key_id: KeyDep,
    after: Annotated[int, Query(ge=0, description="show refused lines behind this one")] = 0,
) -> JSONResponse:
    """How far an import has come, with the first hundred lines that were refused, and why."""

    def transaction(session: Session) -> dict[str, Any] | None:
        row = session.get(Import, import_id)
        if row is None:
            return None
        return _answer(row, imports.refused_lines(session, row.id, after=after, limit=MOST_SHOWN))

    found = await services.database.read(transaction)
    if found is None:
        raise not_found("import")
    return JSONResponse(found)


def _folder(folder: Path | None) -> Path:
    if folder is None:
        raise ApiError(503, "This system takes no files.")
    return folder


def _answer(row: Import, refused: list[RefusedLine]) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "format": row.format,
        "bytes": row.size,
        "bytes_read": row.position,
        "lines_read": row.lines,
        "accepted": row.accepted,
        "known": row.known,
        "refused": row.refused,
        "created_at": instant(row.created_at),
        "finished_at": None if row.finished_at is None else instant(row.finished_at),
        "refused_lines": [{"line": each.line, "errors": each.errors} for each in refused],
    }
