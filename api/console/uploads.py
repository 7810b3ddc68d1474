"""Forms with a file, for the few pages that take one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from api.console.frame import ConsoleFrame, RefusedError, Visit
from api.values.numbers import whole

OTHER_FIELDS = 64 * 1024  # bytes that a form has beside its file
BLOCK = 1024**2


@asynccontextmanager
async def uploaded(request: Request, frame: ConsoleFrame, visit: Visit, largest: int) -> AsyncIterator[FormData]:
    """The fields of a form of ours; its file is gone after the block.

    Args:
        request: whose.
        frame: of the console.
        visit: who sends it.
        largest: bytes that the file may have.

    Raises:
        RefusedError: it is too large, cannot be read, or did not come from one of our pages.
    """
    length = whole(request.headers.get("content-length", ""))
    if length is None or length > largest + OTHER_FIELDS:
        raise RefusedError(f"The file is larger than {_size(largest)}.", 413)
    with _unreadable_is_clear():
        fields = await request.form(max_files=1, max_fields=100, max_part_size=largest)
    try:
        frame.require_own(fields, visit)
        yield fields
    finally:
        await fields.close()


def file_in(fields: FormData, name: str) -> UploadFile | None:
    """The file of a form; None where none was chosen."""
    found = fields.get(name)
    return found if isinstance(found, UploadFile) and found.filename else None


async def blocks(file: UploadFile) -> AsyncIterator[bytes]:
    """The bytes of a file, a piece at a time."""
    while block := await asyncio.to_thread(file.file.read, BLOCK):
        yield block


@contextmanager
def _unreadable_is_clear() -> Iterator[None]:
    try:
        yield
    except (HTTPException, MultiPartException):
        raise RefusedError("The form cannot be read. Go back, and try again.", 400) from None


def _size(number: int) -> str:
    return f"{number // 1024**2} MB" if number < 1024**3 else f"{number // 1024**3} GB"
