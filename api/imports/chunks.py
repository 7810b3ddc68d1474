"""Chunks of checked lines: what one transaction takes in."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from activities.storage.customers import Registration
from activities.storage.imports import Chunk, Refusal
from api.bodies import RegistrationBody, read
from api.errors import ApiError, FieldError, wrong_field
from api.imports.records import Record, Records

SOURCE = "import"


class ChunkReader:
    """Reads a file chunk by chunk.

    Args:
        records: of the file, from the place on where an earlier run stopped.
        position: that place, in bytes.
    """

    def __init__(self, records: Records, position: int) -> None:
        self._records = records
        self._left = self._from(records)
        self._position = position

    def read(self, size: int, now: datetime) -> Chunk:
        """The next chunk; the one that is marked as the last ends the file.

        Args:
            size: in rows, at most.
            now: wall-clock instant, UTC.
        """
        start = self._position
        registrations: list[tuple[int, Registration]] = []
        refusals: list[Refusal] = []
        last = True
        for record in self._left:
            try:
                registrations.append((record.line, _registration(record, now)))
            except ApiError as error:
                refusals.append(Refusal(record.line, told(error)))
            if len(registrations) + len(refusals) == size:
                last = False
                break
        self._position = self._records.position
        return Chunk(start, self._position, self._records.number, registrations, refusals, last)

    @staticmethod
    def _from(records: Records) -> Iterator[Record]:
        yield from records


def _registration(record: Record, now: datetime) -> Registration:
    if record.errors:
        raise ApiError(422, "This line cannot be read.", errors=record.errors)
    return registration_of(record.document, now)


def registration_of(document: Mapping[str, Any], now: datetime) -> Registration:
    """A checked registration with the source `import`.

    Args:
        document: as `POST /v1/registrations` takes it.
        now: wall-clock instant, UTC.

    Raises:
        ApiError: 422, naming every wrong field.
    """
    if document.get("source", SOURCE) != SOURCE:
        raise wrong_field("/source", f"must be {SOURCE}: that is where a row of a file comes from")
    return read(RegistrationBody, {**document, "source": SOURCE}, now).registration()


def told(error: ApiError) -> list[dict[str, str]]:
    """What is wrong, by the names of the columns rather than by JSON pointers."""
    return [_told(each) for each in error.errors]


def _told(error: FieldError) -> dict[str, str]:
    field = error.pointer.removeprefix("/").replace("/", ".").replace("~1", "/").replace("~0", "~")
    return {"field": field, "detail": error.detail}
