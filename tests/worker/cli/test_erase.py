"""`sojourn erase`: operators forget a customer without the API."""

from datetime import UTC, datetime
from pathlib import Path

from activities.storage.customers import ProfileChanges, Registration, find, register
from activities.storage.database import Database
from activities.storage.migrate import migrate
from activities.storage.tables import Customer, Erasure
from tests.worker.cli.command import SECRET, complaint, sojourn_here


def registered(url: str) -> str:
    """The id of a new customer."""
    now, database = datetime.now(UTC), Database(url, inline=True)
    ada = Registration(ProfileChanges({"first_name": "Ada", "email": "ada@example.com"}), external_id="crm-1")
    try:
        return database.write_now(
            lambda session: register(session, ada, default_zone="UTC", now=now, journey_now=now)[0].id
        )
    finally:
        database.close()


def test_a_customer_is_erased_by_either_id(sqlite_url: str) -> None:
    """The client's own id will do; asked again with ours, the command tells that it was done, and changes nothing."""
    mine, settings = registered(sqlite_url), {"SOJOURN_DATABASE_URL": sqlite_url, "SOJOURN_SECRET_KEYS": SECRET}
    done = sojourn_here("erase", "crm-1", **settings)
    assert (done.returncode, mine in done.stdout) == (0, True), done.stderr
    database = Database(sqlite_url, inline=True)
    row = database.read_now(lambda session: session.get_one(Customer, mine))
    assert (row.first_name, row.email, row.erased_at is None) == (None, None, False)
    assert database.read_now(lambda session: session.get_one(Erasure, mine).source) == "command line"
    assert database.read_now(lambda session: find(session, "crm-1")) is None
    database.close()
    again = sojourn_here("erase", mine, **settings)
    assert (again.returncode, again.stdout) == (0, done.stdout)


def test_an_unknown_customer_is_told(sqlite_url: str) -> None:
    """A mistyped id is not answered as if somebody had been erased."""
    settings = {"SOJOURN_DATABASE_URL": sqlite_url, "SOJOURN_SECRET_KEYS": SECRET}
    assert complaint(sojourn_here("erase", "crm-9", **settings), 1) == "there is no customer crm-9"


def test_without_the_secret_key_nothing_is_done(sqlite_url: str) -> None:
    """Objections are kept as keyed hashes, so the command refuses to work without the key."""
    mine = registered(sqlite_url)
    assert "SOJOURN_SECRET_KEYS" in complaint(sojourn_here("erase", mine, SOJOURN_DATABASE_URL=sqlite_url), 1)


def test_a_system_that_dev_made_is_asked_without_its_key(tmp_path: Path) -> None:
    """A developer exports and erases beside `sojourn dev`, whose folder keeps the key."""
    url = f"sqlite:///{tmp_path / 'sojourn.db'}"
    migrate(url)
    (tmp_path / "secret.key").write_text(SECRET + "\n")
    mine = registered(url)
    assert mine in sojourn_here("export", "crm-1", SOJOURN_DATA=str(tmp_path)).stdout
    assert mine in sojourn_here("erase", "crm-1", SOJOURN_DATA=str(tmp_path)).stdout
