"""Files as clients really send them: what is in them is read, and what is wrong is named by its line."""

import io
from typing import Any

import pytest

from activities.storage.imports import Format
from api.imports.lines import LONGEST
from api.imports.records import Record, UnreadableFileError, records

HEADING = "id,email,attributes.shoe_size,consents.email\n"


def read(content: str | bytes, format_: Format = "csv") -> list[Record]:
    """All records of a file."""
    return list(records(io.BytesIO(content.encode() if isinstance(content, str) else content), format_))


def told(content: str | bytes, format_: Format = "csv") -> list[tuple[int, Any]]:
    """Line and document, or line and what is wrong."""
    return [
        (record.line, [f"{error.pointer} {error.detail}".strip() for error in record.errors] or record.document)
        for record in read(content, format_)
    ]


def test_columns_are_the_fields_of_a_registration() -> None:
    """Custom attributes and consents have columns of their own, and an empty cell says nothing."""
    assert told(HEADING + "c1,ada@example.com,38,yes\nc2,,,NO\n") == [
        (2, {"id": "c1", "email": "ada@example.com", "attributes": {"shoe_size": "38"}, "consents": {"email": True}}),
        (3, {"id": "c2", "consents": {"email": False}}),
    ]


def test_decisions_by_topic_have_columns_too() -> None:
    """A list of those who want no offers is imported as such; a topic that there is not is refused by name."""
    assert told("id,consents.sms,consents.topics.offers,consents.topics.new\nc1,yes,no,\n") == [
        (2, {"id": "c1", "consents": {"sms": True, "topics": {"offers": False}}})
    ]
    with pytest.raises(UnreadableFileError, match=r"unknown column 'consents\.topics\.fax'"):
        told("id,consents.topics.fax\nc1,no\n")


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheet_may_write_its_own_delimiter(delimiter: str) -> None:
    """A file from a spreadsheet in another country is read like any other."""
    content = "\ufeff" + HEADING.replace(",", delimiter).replace("\n", "\r\n")
    row = delimiter.join(["c1", '"a,b@example.com"', "38", "true"])
    ((line, document),) = told(f"{content}{row}\r\n")
    assert (line, document["id"], document["email"]) == (2, "c1", "a,b@example.com")


def test_a_quoted_cell_may_have_line_breaks() -> None:
    """Line numbers are those of the file, whatever is inside of quotes."""
    content = HEADING + 'c1,,"one\ntwo ""x""\n\nthree",\nc2,,,\n'
    assert told(content) == [(2, {"id": "c1", "attributes": {"shoe_size": 'one\ntwo "x"\n\nthree'}}), (6, {"id": "c2"})]


def test_a_quote_that_is_not_closed_spoils_its_own_line_only() -> None:
    """The customers behind a stray quote are not swallowed by it."""
    found = told(HEADING + 'c1,"a@example.com,,\nc2,b@example.com,,\nc3,"c@example.com",,\n')
    assert [line for line, _ in found] == [2, 3, 4]
    assert found[0][1][0].startswith("is not CSV")
    assert [document["id"] for _, document in found[1:]] == ["c2", "c3"]


def test_a_quote_at_the_end_of_a_large_file_does_not_fill_the_memory() -> None:
    """However much follows a stray quote, no more than one row's worth is looked at."""
    rest = "".join(f"c{number},,,\n" for number in range(20_000))
    found = told(HEADING + 'x,"y,,\n' + rest)
    assert len(found) == 20_001
    assert found[0] == (2, ["is longer than 64 KiB"])


def test_rows_of_another_width_are_named() -> None:
    """A row with a cell too many is not guessed at."""
    assert told(HEADING + "c1,,\n,,,\n\nc2,,,,\n") == [
        (2, ["has 3 cells, the heading has 4"]),
        (5, ["has 5 cells, the heading has 4"]),
    ]


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
def test_lines_nobody_can_read_are_named_and_passed_over(format_: Format) -> None:
    """A line of a megabyte, NUL characters and another encoding cost their own lines, and no other."""
    if format_ == "csv":
        heading, good, nul = HEADING.encode(), b"c9,,,\n", b"c1,,\0,\n"
        long, latin = b"c1,," + b"x" * 1024**2 + b",\n", "c1,,größe,\n".encode("latin-1")
        place = "/attributes/shoe_size"
    else:
        heading, good, nul = b"\n", b'{"id":"c9"}\n', b'{"id":"\\u0000"}\n'
        long, latin = b'{"id":"' + b"x" * 1024**2 + b'"}\n', '{"id":"ö"}\n'.encode("latin-1")
        place = "/id"
    found = told(heading + long + good + nul + good + latin + good, format_)
    assert [line for line, _ in found] == [2, 3, 4, 5, 6, 7]
    assert [what for _, what in found if isinstance(what, list)] == [
        ["is longer than 64 KiB"],
        [f"{place} has a NUL character"],
        ["is not UTF-8"],
    ]


def test_every_line_of_ndjson_is_an_object() -> None:
    """A line that is not a JSON object is named, with the place where one is given."""
    content = '\ufeff{"id":"c1"}\r\n\n[]\n{"id":\n{"id":"c2","id":"c3"}\n{"x":NaN}\n{"id":"c4"}'
    assert told(content, "ndjson") == [
        (1, {"id": "c1"}),
        (3, ["is not a JSON object"]),
        (4, ["is not JSON"]),
        (5, ["/id given twice"]),
        (6, ["/x not a JSON number"]),
        (7, {"id": "c4"}),
    ]


@pytest.mark.parametrize(
    ("content", "columns", "named"),
    [
        ("", (), "empty"),
        ("\n\n", (), "first line"),
        ("id,emial,x\n", ("emial", "x"), "unknown columns 'emial', 'x'"),
        ("id,attributes.Shoe\n", ("attributes.Shoe",), "unknown column 'attributes.Shoe'"),
        ("id,email,id\n", ("id",), "given twice"),
        ("id,größe\n".encode("latin-1"), (), "not UTF-8"),
        ("id,email\n".encode("utf-16"), (), "not UTF-8"),
        ("id," + "x" * LONGEST + "\n", (), "longer than"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_whole(
    content: str | bytes, columns: tuple[str, ...], named: str
) -> None:
    """A misspelt column would lose its values in silence, so nothing of such a file is taken."""
    with pytest.raises(UnreadableFileError, match=named) as refused:
        read(content)
    assert refused.value.columns == columns


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
def test_reading_goes_on_at_any_record(format_: Format) -> None:
    """Wherever a run was killed, the next one reads the rest with the same line numbers."""
    content = (
        HEADING + 'c1,,"a\nb",\n\nc2,"x,,\nc3,,,\n' if format_ == "csv" else '{"id":"c1"}\n\n{"id":\n{"id":"c3"}\n'
    ).encode()
    whole = read(content, format_)
    for number in range(1, len(whole) + 1):
        first = records(io.BytesIO(content), format_)
        head = [record for _, record in zip(range(number), first, strict=False)]
        rest = list(records(io.BytesIO(content), format_, first.position, first.number))
        assert head + rest == whole
