"""`sojourn staff`: who may sign in to the console."""

from activities.storage import staff
from activities.storage.database import Database
from tests.worker.cli.command import complaint, sojourn_here

PASSWORD = "correct horse battery\n"


def test_a_member_is_added_listed_and_disabled(sqlite_url: str) -> None:
    """Operators let a colleague in, see them in the list with their role, and let them in no more."""
    added = sojourn_here("staff", "add", "robin", "--role", "support", stdin=PASSWORD, SOJOURN_DATABASE_URL=sqlite_url)
    assert added.returncode == 0, added.stderr
    assert "support" in sojourn_here("staff", "list", SOJOURN_DATABASE_URL=sqlite_url).stdout
    assert sojourn_here("staff", "disable", "robin", SOJOURN_DATABASE_URL=sqlite_url).returncode == 0
    database = Database(sqlite_url, inline=True)
    (member,) = database.read_now(staff.members)
    assert not staff.admits(member, PASSWORD.strip())
    database.close()


def test_wrong_members_are_refused(sqlite_url: str) -> None:
    """A wrong role, a wrong zone, a short password and an unknown login are named."""
    url = {"SOJOURN_DATABASE_URL": sqlite_url}
    assert "--role" in complaint(sojourn_here("staff", "add", "robin", "--role", "boss", stdin=PASSWORD, **url), 2)
    said = complaint(sojourn_here("staff", "add", "robin", "--timezone", "Mars", stdin=PASSWORD, **url), 2)
    assert "--timezone" in said
    assert "12 characters" in complaint(sojourn_here("staff", "add", "robin", stdin="short\n", **url), 2)
    assert "robin" in complaint(sojourn_here("staff", "password", "robin", stdin=PASSWORD, **url), 2)
    assert "robin" in complaint(sojourn_here("staff", "disable", "robin", **url), 2)
