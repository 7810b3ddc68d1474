"""Migrations: whoever starts first, on an empty database or an old one, ends with the tables of this version."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

import activities.storage.tables  # noqa: F401 - registers the tables
from activities.storage.database import Database
from activities.storage.errors import DatabaseUnusableError
from activities.storage.migrate import current, downgrade, head, is_current, migrate
from tests.databases import ROOT

MIGRATE = "import sys; from activities.storage.migrate import migrate; migrate(sys.argv[1])"


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url, inline=True)
    try:
        yield database
    finally:
        database.close()


def test_a_migrated_database_has_the_tables_of_the_code(empty_database_url: str) -> None:
    """A developer who changes a table and forgets the migration is told here what is missing."""
    migrate(empty_database_url)
    with _opened(empty_database_url) as database, database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, SQLModel.metadata) == []


def test_constraints_have_the_names_of_the_code(empty_database_url: str) -> None:
    """A later migration can drop or change any constraint by its name, on both databases."""
    migrate(empty_database_url)
    with _opened(empty_database_url) as database:
        inspector = sa.inspect(database.engine)
        for table in SQLModel.metadata.sorted_tables:
            declared = {str(item.name) for item in table.constraints if item.name}
            found = {inspector.get_pk_constraint(table.name)["name"]}
            found |= {item["name"] for item in inspector.get_unique_constraints(table.name)}
            found |= {item["name"] for item in inspector.get_foreign_keys(table.name)}
            # SQLite numbers rows only in a key that is declared without a name.
            numbered = {f"pk_{table.name}"} if table.dialect_options["sqlite"]["autoincrement"] else set()
            assert declared - found <= numbered


def test_migrating_again_changes_nothing(empty_database_url: str) -> None:
    """Every process may migrate when it starts."""
    assert current(empty_database_url) is None
    assert not is_current(empty_database_url)
    migrate(empty_database_url)
    migrate(empty_database_url)
    assert current(empty_database_url) == head()
    assert is_current(empty_database_url)


def test_the_way_back_and_up_again(empty_database_url: str) -> None:
    """A release that must be taken back leaves a database on which the next one can be installed."""
    migrate(empty_database_url)
    downgrade(empty_database_url, "base")
    with _opened(empty_database_url) as database:
        assert set(sa.inspect(database.engine).get_table_names()) == {"alembic_version"}
    migrate(empty_database_url)
    assert is_current(empty_database_url)


def test_processes_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    """API and worker may be started together on an empty database."""
    started = [
        subprocess.Popen([sys.executable, "-c", MIGRATE, empty_database_url], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=60)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0], errors
    assert is_current(empty_database_url)


def test_a_failed_migration_leaves_nothing(empty_database_url: str) -> None:
    """A migration that breaks half-way can be mended and run again, without tidying up by hand."""
    with _opened(empty_database_url) as database:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE timeline (mine INTEGER)")  # the last one of the first revision
        with pytest.raises(DatabaseUnusableError, match="timeline"):
            migrate(empty_database_url)
        assert set(sa.inspect(database.engine).get_table_names()) == {"timeline"}


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """Whoever mistypes the path of the database reads which folder is missing."""
    for look in (migrate, current):
        with pytest.raises(DatabaseUnusableError, match=r"the folder \S*/mistyped of .* does not exist"):
            look(f"sqlite:///{tmp_path}/mistyped/sojourn.db")


def test_a_folder_without_write_access_is_named(tmp_path: Path) -> None:
    """Whoever points the database at a read-only folder reads that, and not a stack trace."""
    folder = tmp_path
    if os.geteuid() == 0:  # root may write everywhere but here
        folder = Path("/proc")
        if not folder.is_dir():
            pytest.skip("runs as root on a system without /proc")
    else:
        folder.chmod(0o500)
    try:
        with pytest.raises(DatabaseUnusableError, match=str(folder)):
            migrate(f"sqlite:///{folder}/sojourn.db")
    finally:
        tmp_path.chmod(0o700)


def test_an_unreachable_postgres_is_named_without_its_password() -> None:
    """Whoever mistypes the server reads which one could not be reached; the password stays out of the logs."""
    with pytest.raises(DatabaseUnusableError, match=r"127\.0\.0\.1") as caught:
        migrate("postgresql+psycopg://sojourn:open-sesame@127.0.0.1:1/sojourn")
    assert "open-sesame" not in str(caught.value)


def test_looking_creates_no_file(tmp_path: Path) -> None:
    """A readiness check on a database that does not exist yet leaves no empty file behind."""
    assert current(f"sqlite:///{tmp_path}/sojourn.db") is None
    assert list(tmp_path.iterdir()) == []
