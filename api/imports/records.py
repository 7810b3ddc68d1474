"""The records of a file, whatever its format: JSON documents like the body of a registration."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from activities.storage.imports import Format
from api.errors import ApiError, FieldError
from api.imports.lines import LONGEST, Line, Lines
from api.json_body import parse

TOO_LONG = f"is longer than {LONGEST // 1024} KiB"
NOT_UTF_8 = "is not UTF-8"


class UnreadableFileError(Exception):
    """A file that cannot be imported at all; nothing of it is taken.

    Args:
        detail: what is wrong with it.
        columns: the names at fault, if some are.
    """

    def __init__(self, detail: str, columns: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.columns = tuple(columns)


@dataclass(frozen=True)
class Record:
    """One record.

    Attributes:
        line: number of its first line, from 1.
        document: what it says; empty where it could not be read.
        errors: why it could not be read.
    """

    line: int
    document: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()


class Records(Protocol):
    """Iterates over the records from a place on; `position` and `number` say how far it has come."""

    def __iter__(self) -> Iterator[Record]:
        """The records."""
        ...

    @property
    def position(self) -> int:
        """Bytes that were read."""
        ...

    @property
    def number(self) -> int:
        """Lines that were read."""
        ...


class NdjsonRecords:
    """A JSON object a line (https://github.com/ndjson/ndjson-spec); blank lines are passed over.

    Args:
        file: binary, seekable.
        position: where to begin, in bytes; the beginning of a line.
        number: how many lines are before that place.
    """

    def __init__(self, file: BinaryIO, position: int = 0, number: int = 0) -> None:
        self._lines = Lines(file, position, number)

    def __iter__(self) -> Iterator[Record]:
        """The records."""
        while (line := self._lines.read()) is not None:
            if line.content.strip():
                yield _ndjson_record(line)

    @property
    def position(self) -> int:
        """Bytes that were read."""
        return self._lines.position

    @property
    def number(self) -> int:
        """Lines that were read."""
        return self._lines.number


def records(file: BinaryIO, format_: Format, position: int = 0, number: int = 0) -> Records:
    """The records of a file.

    Args:
        file: binary, seekable.
        format_: of the file.
        position: where to begin, in bytes; as an earlier run left it.
        number: how many lines are before that place.

    Raises:
        UnreadableFileError: it is empty, or its columns are unknown.
    """
    from api.imports.csv_records import CsvRecords

    file.seek(0)
    if not file.read(1):
        raise UnreadableFileError("the file is empty")
    return CsvRecords(file, position, number) if format_ == "csv" else NdjsonRecords(file, position, number)


def _ndjson_record(line: Line) -> Record:
    if line.too_long:
        return Record(line.number, errors=[FieldError("", TOO_LONG)])
    try:
        document = parse(line.content)
    except ApiError as error:
        return Record(line.number, errors=error.errors or [FieldError("", _broken(line.content))])
    if not isinstance(document, dict):
        return Record(line.number, errors=[FieldError("", "is not a JSON object")])
    return Record(line.number, document)


def _broken(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return NOT_UTF_8
    return "is not JSON"
