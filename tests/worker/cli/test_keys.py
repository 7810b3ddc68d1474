"""`sojourn keys`: who may call the API."""

from pathlib import Path

from activities.storage.api_keys import key_id_of
from activities.storage.database import Database
from tests.worker.cli.command import complaint, sojourn_here


def test_a_key_works_until_it_is_revoked(sqlite_url: str) -> None:
    """Operators create a key that a script can read from stdout, see it listed by name, and revoke it."""
    created = sojourn_here("keys", "create", "--name", "crm", SOJOURN_DATABASE_URL=sqlite_url)
    key = created.stdout.strip()
    database = Database(sqlite_url, inline=True)
    key_id = database.read_now(lambda session: key_id_of(session, key))
    assert key_id is not None
    listed = sojourn_here("keys", "list", SOJOURN_DATABASE_URL=sqlite_url)
    assert "crm" in listed.stdout
    assert key_id in listed.stdout
    assert key not in listed.stdout
    revoked = sojourn_here("keys", "revoke", key_id, SOJOURN_DATABASE_URL=sqlite_url)
    assert revoked.returncode == 0, revoked.stderr
    assert database.read_now(lambda session: key_id_of(session, key)) is None
    database.close()


def test_an_unknown_key_cannot_be_revoked(sqlite_url: str) -> None:
    """A mistyped id is not answered as if something had been revoked."""
    assert "0000" in complaint(sojourn_here("keys", "revoke", "0000", SOJOURN_DATABASE_URL=sqlite_url), 2)


def test_a_database_without_tables_is_refused(tmp_path: Path) -> None:
    """Whoever forgets to migrate is told to."""
    said = complaint(sojourn_here("keys", "create", SOJOURN_DATA=str(tmp_path)), 1)
    assert "sojourn migrate" in said
