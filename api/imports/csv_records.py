"""Records of a CSV file (RFC 4180): its columns are the fields of a registration; an empty cell says nothing.

Semicolons and tabs are taken for commas where the heading has them, as spreadsheets write them.
"""

import csv
from collections.abc import Iterator
from typing import Any, BinaryIO

from api.errors import ApiError, FieldError
from api.imports.columns import WrongColumnsError, document, is_known, require_known
from api.imports.lines import LONGEST, Line, Lines
from api.imports.records import NOT_UTF_8, TOO_LONG, Record, UnreadableFileError

DELIMITERS = (",", ";", "\t")


class CsvRecords:
    """Reads the heading, then the records from a place on.

    Args:
        file: binary, seekable.
        position: where to begin, in bytes; the beginning of a record. 0 for the first one.
        number: how many lines are before that place.

    Raises:
        UnreadableFileError: the heading is wrong.
    """

    def __init__(self, file: BinaryIO, position: int = 0, number: int = 0) -> None:
        self._lines = Lines(file)
        self._delimiter, self._columns = _heading(self._lines.read())
        if position:
            self._lines = Lines(file, position, number)

    def __iter__(self) -> Iterator[Record]:
        """The records; rows with nothing but empty cells are passed over."""
        while (line := self._lines.read()) is not None:
            record = self._record(line) if line.content.strip() else None
            if record is not None:
                yield record

    @property
    def position(self) -> int:
        """Bytes that were read."""
        return self._lines.position

    @property
    def number(self) -> int:
        """Lines that were read."""
        return self._lines.number

    def _record(self, first: Line) -> Record | None:
        try:
            cells = next(csv.reader(self._pieces(first), delimiter=self._delimiter, strict=True))
            if any(cell.strip() for cell in cells):
                return Record(first.number, self._document(cells))
        except _UnreadableRecordError as error:
            detail = str(error)
        except csv.Error as error:
            detail = f"is not CSV: {error}"
        except ApiError as error:
            return Record(first.number, errors=error.errors)
        else:
            return None
        # A quote that nobody closed has swallowed the lines behind it: only its own is wrong.
        self._lines.go_back_behind(first)
        return Record(first.number, errors=[FieldError("", detail)])

    def _pieces(self, first: Line) -> Iterator[str]:
        """The lines of one record, as the parser asks for them."""
        line: Line | None = first
        size = 0
        while line is not None:
            size += len(line.content)
            if line.too_long or size > LONGEST:
                raise _UnreadableRecordError(TOO_LONG)
            try:
                yield line.content.decode("utf-8")
            except UnicodeDecodeError:
                raise _UnreadableRecordError(NOT_UTF_8) from None
            line = self._lines.read()

    def _document(self, cells: list[str]) -> dict[str, Any]:
        if len(cells) != len(self._columns):
            raise _UnreadableRecordError(f"has {len(cells)} cells, the heading has {len(self._columns)}")
        return document(zip(self._columns, cells, strict=True))


class _UnreadableRecordError(Exception):
    """A record that cannot be told from its neighbours."""


def _heading(line: Line | None) -> tuple[str, list[str]]:
    """The delimiter and the columns."""
    if line is None or not line.content.strip():
        raise UnreadableFileError("the first line must name the columns")
    if line.too_long:
        raise UnreadableFileError(f"the first line {TOO_LONG}")
    try:
        text = line.content.decode("utf-8")
        found = {mark: [name.strip() for name in next(csv.reader([text], delimiter=mark))] for mark in DELIMITERS}
    except UnicodeDecodeError:
        raise UnreadableFileError(f"the file {NOT_UTF_8}") from None
    except csv.Error as error:
        raise UnreadableFileError(f"the first line is not CSV: {error}") from None
    delimiter = max(DELIMITERS, key=lambda mark: len(found[mark]) if any(map(is_known, found[mark])) else 0)
    try:
        require_known(found[delimiter])
    except WrongColumnsError as error:
        raise UnreadableFileError(str(error), error.columns) from None
    return delimiter, found[delimiter]
