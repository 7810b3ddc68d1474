"""Members of staff and their passwords."""

from datetime import UTC, datetime

import pytest

from activities.storage import staff
from activities.storage.database import Database
from activities.storage.staff import Role

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
MEMORY = 128 * staff._COST * staff._BLOCK  # bytes; read before the tests make passwords quick


def _add(database: Database, login: str = "robin", password: str = PASSWORD) -> None:
    database.write_now(lambda session: staff.add_member(session, login, "", Role.SUPPORT, password, NOW))


def test_a_password_is_kept_as_a_hash(database: Database) -> None:
    """Who reads the database learns no password."""
    _add(database)
    (member,) = database.read_now(staff.members)
    assert PASSWORD not in member.password_hash
    assert staff.admits(member, PASSWORD)
    assert not staff.admits(member, PASSWORD + " ")


def test_a_password_is_dear_to_guess() -> None:
    """Each try takes a thief 32 MiB, as OWASP asks of scrypt."""
    assert MEMORY >= 32 * 2**20


@pytest.mark.parametrize(
    ("login", "password", "complaint"),
    [("robin", PASSWORD, "already"), (" ", PASSWORD, "needs a login"), ("kim", "short", "12 characters")],
)
def test_a_wrong_member_is_refused(database: Database, login: str, password: str, complaint: str) -> None:
    """A second member of one login, one without, and a short password get a clear answer."""
    _add(database)
    with pytest.raises(ValueError, match=complaint):
        _add(database, login, password)


def test_a_new_password_signs_out_everywhere(database: Database) -> None:
    """After a leak the old password and the old cookies open nothing."""
    _add(database)
    (member,) = database.read_now(staff.members)
    token = database.write_now(lambda session: staff.sign_in(session, member.id, NOW))
    assert database.read_now(lambda session: staff.signed_in(session, token, NOW)) is not None
    database.write_now(lambda session: staff.set_password(session, "Robin", "another long password"))
    assert database.read_now(lambda session: staff.signed_in(session, token, NOW)) is None
    found = database.read_now(lambda session: staff.find(session, "robin"))
    assert staff.admits(found, "another long password")
    assert not staff.admits(found, PASSWORD)


def test_an_unknown_role_is_named() -> None:
    """A mistyped role is answered with those that exist."""
    with pytest.raises(ValueError, match="viewer, support, admin"):
        Role.named("boss")
