"""`sojourn import`: registrations from files, whatever happens on the way."""

import json
from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from activities.storage.database import Database
from activities.storage.tables import Customer, Enrollment, Import, OutboxItem
from tests.worker.cli.command import complaint, killed_once, sojourn_here

ROWS = 150


def read(url: str) -> tuple[list[int], list[Import]]:
    """Customers, enrollments (each a different entry), starts; the imports."""

    def transaction(session: Session) -> tuple[list[int], list[Import]]:
        entries = select(Enrollment.customer_id, Enrollment.journey, Enrollment.entry_key).distinct().subquery()
        counts = [
            session.exec(select(func.count()).select_from(t)).one() for t in (Customer, entries, Enrollment, OutboxItem)
        ]
        return counts, list(session.exec(select(Import)).all())

    database = Database(url, inline=True)
    try:
        return database.read_now(transaction)
    finally:
        database.close()


def write_file(path: Path, rows: int) -> Path:
    """A CSV file."""
    path.write_text("id,email\n" + "".join(f"c{number},ada{number}@example.com\n" for number in range(rows)))
    return path


def test_a_killed_import_goes_on(sqlite_url: str, tmp_path: Path) -> None:
    """After kill -9 in the middle the same command takes in the rest; nobody is lost, and nobody enters twice."""
    file = write_file(tmp_path / "all.csv", ROWS)
    position = select(func.max(Import.position))
    killed_once(
        lambda session: session.exec(position).one(), sqlite_url, "import", file, SOJOURN_DATABASE_URL=sqlite_url
    )
    (begun,) = read(sqlite_url)[1]
    assert 0 < begun.accepted < ROWS
    assert begun.state == "running"

    done = sojourn_here("import", file, SOJOURN_DATABASE_URL=sqlite_url)
    assert done.returncode == 0, done.stderr
    assert f"{ROWS} new customers, 0 known, 0 refused" in done.stdout
    (customers, entries, enrollments, starts), (row,) = read(sqlite_url)
    assert (row.state, customers) == ("done", ROWS)
    assert entries == enrollments == starts

    again = sojourn_here("import", file, SOJOURN_DATABASE_URL=sqlite_url)
    assert again.returncode == 0
    assert "was imported before" in again.stdout
    assert read(sqlite_url)[0] == [customers, entries, enrollments, starts]


def test_bad_lines_are_reported_and_the_rest_goes_on(sqlite_url: str, tmp_path: Path) -> None:
    """Whoever imports reads which lines are wrong and why, without the values, and the other customers are in."""
    file = tmp_path / "some.csv"
    file.write_text(
        "\ufeffid,email\r\nc1,ada@example.com\r\nc2,nobody\r\n\r\nc1,ada@example.com\r\n,\r\nc3,c@example.com"
    )
    done = sojourn_here("import", file, SOJOURN_DATABASE_URL=sqlite_url)
    report = tmp_path / "some.csv.rejected.ndjson"
    assert done.returncode == 1
    assert "4 rows: 2 new customers, 1 known, 1 refused." in done.stdout
    assert str(report) in done.stdout
    (line,) = map(json.loads, report.read_text().splitlines())
    assert (line["line"], [error["field"] for error in line["errors"]]) == (3, ["email"])
    assert "nobody" not in report.read_text()

    file.write_text("id,email\nc2,bob@example.com\n")
    done = sojourn_here("import", file, SOJOURN_DATABASE_URL=sqlite_url)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "1 row: 1 new customer, 0 known, 0 refused.")
    assert not report.exists()
    assert read(sqlite_url)[0][0] == 3


def test_a_pipe_may_be_imported(sqlite_url: str, tmp_path: Path) -> None:
    """Another program's output can be piped in, in the format that is named."""
    report = tmp_path / "report"
    options = ("--format", "ndjson", "--report", report)
    done = sojourn_here("import", "-", *options, stdin='{"id":"c1"}\n{}\n', SOJOURN_DATABASE_URL=sqlite_url)
    assert done.returncode == 1
    assert json.loads(report.read_text())["line"] == 2


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("a.csv", b"id,emial\nc1,x\n", "'emial'"),
        ("a.csv", b"", "empty"),
        ("a.ndjson", b"", "empty"),
        ("a.csv", "id,größe\n".encode("latin-1"), "not UTF-8"),
        ("a.txt", b"id\n1\n", "--format"),
        ("missing.csv", None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_imported_is_wrong_use(
    sqlite_url: str, tmp_path: Path, name: str, content: bytes | None, named: str
) -> None:
    """A whole file of no use is told in one line, and leaves nothing behind."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    said = complaint(sojourn_here("import", file, SOJOURN_DATABASE_URL=sqlite_url), 2)
    assert named in said
    assert str(file) in said
    assert read(sqlite_url) == ([0, 0, 0, 0], [])


def test_a_file_with_a_heading_only_is_an_empty_day(sqlite_url: str, tmp_path: Path) -> None:
    """An export of a day without registrations is no failure."""
    done = sojourn_here("import", write_file(tmp_path / "none.csv", 0), SOJOURN_DATABASE_URL=sqlite_url)
    assert (done.returncode, done.stdout) == (0, "0 rows: 0 new customers, 0 known, 0 refused.\n")
