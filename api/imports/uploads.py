"""Files that are sent to be imported: stored as they stream in, safe before the answer."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from fastapi import Request

from activities.storage.imports import Content, Format
from api.errors import ApiError, FieldError
from api.imports.records import UnreadableFileError, records

FORMATS: dict[str, Format] = {
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
}
LARGEST = 1024**3  # bytes
BLOCK = 1024**2
PART = ".part"
OLDEST_PART = timedelta(hours=1)


def path_of(folder: Path, content: Content) -> Path:
    """Where a file waits."""
    return folder / f"{content.sha256}.{content.format}"


async def receive(request: Request, folder: Path) -> Content:
    """Store the body of a request in the folder; it is on the disk when this returns.

    Raises:
        ApiError: 413 for more than a gigabyte, 415 for another type, 422 for a file that cannot be read or has
            columns that no registration has, 507 where the disk is full.
    """
    return await store(request.stream(), folder, _format(request))


async def store(stream: AsyncIterator[bytes], folder: Path, format_: Format) -> Content:
    """Store what streams in; it is on the disk when this returns.

    Raises:
        ApiError: 413 for more than a gigabyte, 422 for a file that cannot be read, 507 where the disk is full.
    """
    try:
        return await _store(stream, folder, format_)
    except OSError as error:
        raise ApiError(507, f"The file cannot be stored: {error.strerror}.") from error


async def _store(stream: AsyncIterator[bytes], folder: Path, format_: Format) -> Content:
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    descriptor, name = await asyncio.to_thread(tempfile.mkstemp, suffix=PART, dir=folder)
    part = Path(name)
    digest, size, block = hashlib.sha256(), 0, bytearray()
    try:
        with os.fdopen(descriptor, "wb") as file:
            async for piece in stream:
                size += len(piece)
                if size > LARGEST:
                    raise ApiError(413, "The file is larger than a gigabyte.", headers={"Connection": "close"})
                digest.update(piece)
                block += piece
                if len(block) >= BLOCK:
                    await asyncio.to_thread(file.write, bytes(block))
                    block.clear()
            await asyncio.to_thread(_finish, file, bytes(block))
        # Before it has its name: from then on importers read it, and sweep it where they have read it before.
        await asyncio.to_thread(_refuse_unreadable, part, format_)
        content = Content(digest.hexdigest(), size, format_)
        await asyncio.to_thread(_name, part, path_of(folder, content))
        return content
    finally:
        part.unlink(missing_ok=True)  # noqa: ASYNC240 - at once, since the request may have been cancelled


def _finish(file: BinaryIO, block: bytes) -> None:
    file.write(block)
    file.flush()
    os.fsync(file.fileno())


def _refuse_unreadable(part: Path, format_: Format) -> None:
    with part.open("rb") as file:
        try:
            records(file, format_)
        except UnreadableFileError as error:
            detail = f"{error.detail[:1].upper()}{error.detail[1:]}."
            errors = [FieldError("", f"unknown or repeated column {name!r}") for name in error.columns]
            raise ApiError(422, detail, title="Wrong file", errors=errors) from None


def _name(part: Path, path: Path) -> None:
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or the name could be lost where the power goes
    finally:
        os.close(folder)


def _format(request: Request) -> Format:
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    found = FORMATS.get(media_type.strip().lower())
    charset = parameters.lower().replace('"', "").replace(" ", "").partition("charset=")[2].partition(";")[0]
    if found is None or charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise ApiError(415, "Send the file as text/csv or application/x-ndjson, in UTF-8.")
    return found
