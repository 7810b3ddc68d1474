"""Records of a CSV file (RFC 4180): its columns are the fields of a registration.

`attributes.NAME` is a custom attribute, `consents.CHANNEL` or `consents.topics.TOPIC` a decision; an empty cell says
nothing. Semicolons and tabs are taken for commas where the heading has them, as spreadsheets write them.
"""

import csv
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, BinaryIO

from activities.interests import TOPIC_CODES
from api.bodies import CONSENT_CHANNELS, RegistrationBody
from api.errors import ApiError, FieldError
from api.imports.lines import LONGEST, Line, Lines
from api.imports.records import NOT_UTF_8, TOO_LONG, Record, UnreadableFileError
from api.json_body import refuse_poison
from api.values import WrongValueError, attribute_name

DELIMITERS = (",", ";", "\t")
ATTRIBUTE = "attributes."
CONSENT = "consents."
YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
DECISIONS = (*CONSENT_CHANNELS, *(f"topics.{topic}" for topic in TOPIC_CODES))
TRUTHS = frozenset({"loyalty", *(f"{CONSENT}{decision}" for decision in DECISIONS)})
PLAIN = frozenset(RegistrationBody.model_fields) - {"attributes", "consents"}


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
        document: dict[str, Any] = {}
        for column, cell in zip(self._columns, cells, strict=True):
            if not cell.strip():
                continue
            value = YES_OR_NO.get(cell.strip().lower(), cell) if column in TRUTHS else cell
            *groups, name = column.split(".")
            within = document
            for group in groups:
                within = within.setdefault(group, {})
            within[name] = value
        refuse_poison(document)
        return document


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
    delimiter = max(DELIMITERS, key=lambda mark: len(found[mark]) if any(map(_known, found[mark])) else 0)
    columns = found[delimiter]
    unknown = [name for name in columns if not _known(name)]
    if unknown:
        known = ", ".join([*sorted(PLAIN | TRUTHS), f"{ATTRIBUTE}NAME"])
        raise UnreadableFileError(
            f"unknown column{'s'[: len(unknown) - 1]} {', '.join(map(repr, unknown))}; there are {known}", unknown
        )
    twice = sorted({one for one, next_ in pairwise(sorted(columns)) if one == next_})
    if twice:
        raise UnreadableFileError(f"given twice: {', '.join(map(repr, twice))}", twice)
    return delimiter, columns


def _known(column: str) -> bool:
    if not column.startswith(ATTRIBUTE):
        return column in PLAIN or column in TRUTHS
    try:
        attribute_name(column.removeprefix(ATTRIBUTE))
    except WrongValueError:
        return False
    return True
