"""`sojourn import --sql`: customers from a client's own database."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from sqlmodel import func, select
from temporalio.testing import WorkflowEnvironment

from activities.storage import import_sources
from activities.storage.database import Database
from activities.storage.tables import Customer, Enrollment, ImportSource
from tests.worker.cli.command import complaint, killed_once, sojourn, sojourn_here

QUERY = "SELECT id, mail AS email FROM people"


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    """The client's database."""
    path = tmp_path / "crm.db"
    change(path, "CREATE TABLE people (id INTEGER PRIMARY KEY, mail TEXT)")
    return path


def change(path: Path, *statements: str) -> None:
    """Change the client's database."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def add(path: Path, *numbers: int) -> None:
    """People who came to be in it."""
    change(path, *(f"INSERT INTO people VALUES ({number}, 'ada{number}@example.com')" for number in numbers))  # noqa: S608 - numbers


def read(url: str) -> tuple[list[int], list[ImportSource]]:
    """Customers and enrollments; the sources."""
    database = Database(url, inline=True)
    try:
        return database.read_now(
            lambda session: (
                [session.exec(select(func.count()).select_from(table)).one() for table in (Customer, Enrollment)],
                import_sources.every_one(session),
            )
        )
    finally:
        database.close()


def test_a_second_run_goes_on_where_the_first_ended(sqlite_url: str, crm: Path, tmp_path: Path) -> None:
    """The same command again takes in who is new; a wrong row is named by its key, without its values."""
    report = tmp_path / "report"
    command = ("import", "--sql", f"sqlite:///{crm}", "--query", QUERY, "--report", report)
    add(crm, 1, 2)
    change(crm, "INSERT INTO people VALUES (3, 'nobody')")
    first = sojourn_here(*command, SOJOURN_DATABASE_URL=sqlite_url)
    assert first.returncode == 1, first.stderr
    assert "3 new rows: 2 new customers, 0 known, 1 refused." in first.stdout
    told = json.loads(report.read_text())
    assert (told["key"], [error["field"] for error in told["errors"]]) == ("3", ["email"])
    assert "nobody" not in report.read_text()
    add(crm, 4)
    second = sojourn_here(*command, SOJOURN_DATABASE_URL=sqlite_url)
    assert second.returncode == 0, second.stderr
    assert "1 new row: 1 new customer, 0 known, 0 refused." in second.stdout
    assert not report.exists()
    assert read(sqlite_url)[0][0] == 3


def test_a_killed_import_goes_on(sqlite_url: str, crm: Path) -> None:
    """After kill -9 in the middle the same command takes in the rest; nobody is lost, and nobody enters twice."""
    add(crm, *range(1, 151))
    command = ("import", "--sql", "crm", "--query", QUERY, "--name", "people")
    settings = {"SOJOURN_DATABASE_URL": sqlite_url, "SOJOURN_SOURCE_CRM": f"sqlite:///{crm}"}
    rows = select(func.max(ImportSource.rows))
    killed_once(lambda session: session.exec(rows).one(), sqlite_url, *command, **settings)
    done = sojourn_here(*command, **settings)
    assert done.returncode == 0, done.stderr
    (customers, enrollments), (row,) = read(sqlite_url)
    assert (row.rows, row.accepted, customers) == (150, 150, 150)
    sojourn_here(*command, **settings)
    assert read(sqlite_url)[0] == [customers, enrollments]


@pytest.mark.parametrize(
    ("options", "exit_code", "named"),
    [
        (("--sql", "crm"), 2, "--query"),
        (("--query", QUERY), 2, "give one of"),
        (("some.csv", "--query", QUERY), 2, "--sql"),
        (("--sql", "shop", "--query", QUERY), 1, "SOJOURN_SOURCE_SHOP"),
        (("--sql", "crm", "--query", "SELECT id, mail AS emial FROM people"), 2, "'emial'"),
        (("--sql", "crm", "--query", QUERY, "--key", "number"), 2, "'number'"),
        (("--sql", "crm", "--query", QUERY, "--every", "often", "--name", "crm"), 2, "'often'"),
        (("--sql", "crm", "--query", QUERY, "--every", "15m"), 2, "--name"),
        (("--sql", "mysql://crm:open-sesame@host/crm", "--query", QUERY), 2, "not mysql"),
        (("--sql", "postgresql://crm:open-sesame@127.0.0.1:1/crm", "--query", QUERY), 1, "cannot be reached"),
        (
            ("--sql", "postgresql://crm:open-sesame@host/crm", "--query", QUERY, "--every", "1h", "--name", "crm"),
            2,
            "SOJOURN_SOURCE_CRM",
        ),
        (("--remove", "crm"), 1, "no import crm"),
    ],
)
def test_what_cannot_be_imported_is_told_in_one_line(
    sqlite_url: str, crm: Path, options: tuple[str, ...], exit_code: int, named: str
) -> None:
    """Whoever asks for what cannot be done reads why, never a password, and nothing is left behind."""
    settings = {"SOJOURN_DATABASE_URL": sqlite_url, "SOJOURN_SOURCE_CRM": f"sqlite:///{crm}"}
    said = complaint(sojourn_here("import", *options, **settings), exit_code)
    assert named in said
    assert "open-sesame" not in said
    assert read(sqlite_url) == ([0, 0], [])


async def test_a_schedule_is_made_listed_and_removed(server: WorkflowEnvironment, sqlite_url: str, crm: Path) -> None:
    """Staff schedule an import, see when it runs again, and take it away; the address is kept in its setting alone."""
    settings = {
        "SOJOURN_DATABASE_URL": sqlite_url,
        "SOJOURN_SOURCE_CRM": f"sqlite:///{crm}",
        "TEMPORAL_ADDRESS": server.client.service_client.config.target_host,
    }
    planned = ("import", "--sql", "crm", "--query", QUERY, "--every", "15m", "--name", "every-quarter")
    made = await asyncio.to_thread(sojourn, *planned, **settings)
    assert (made.returncode, made.stdout) == (0, "every-quarter is imported every 15m, from now on.\n"), made.stderr
    listed = await asyncio.to_thread(sojourn, "import", "--schedules", **settings)
    assert all(word in listed.stdout for word in ("every-quarter", "crm", "15m", "UTC")), listed.stdout
    (row,) = read(sqlite_url)[1]
    assert (row.address, row.every) == ("crm", 900)
    assert str(crm) not in str(row)
    removed = await asyncio.to_thread(sojourn, "import", "--remove", "every-quarter", **settings)
    assert removed.returncode == 0, removed.stderr
    left = await asyncio.to_thread(sojourn, "import", "--schedules", **settings)
    assert left.stdout.startswith("No imports are scheduled")
