"""Programs that start before their database is ready: they say so and wait, and give up in one line."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from activities.clock import JourneyClock
from activities.storage.database import Database
from activities.storage.errors import DatabaseUnusableError
from tests.databases import PostgresServer
from tests.system import until
from tests.worker.cli.command import ROOT, SECRET, environment
from worker.assembly import system_clock
from worker.patience import patiently
from worker.processes.ports import free_ports
from worker.schema import require_migrated
from worker.settings import Settings, read_settings

SHORT = timedelta(seconds=0.2)


@contextmanager
def locked(url: str) -> Iterator[Callable[[], None]]:
    """Holds the write lock of an SQLite database, as a backup does, until the block calls what it is given."""
    other = sqlite3.connect(make_url(url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def let_go() -> None:
        if other.in_transaction:
            other.execute("ROLLBACK")

    try:
        yield let_go
    finally:
        let_go()
        other.close()


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a program on a migrated database."""
    monkeypatch.setenv("SOJOURN_SECRET_KEYS", SECRET)
    return read_settings(database_url=sqlite_url, data=tmp_path)


async def test_a_program_waits_for_a_lock(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """A worker that is started during a backup begins when the backup is done, and says meanwhile what it waits for."""
    caplog.set_level("INFO")
    database = Database(settings.database, inline=True, patience=SHORT)
    with locked(settings.database) as let_go:
        tries = 0

        def step() -> JourneyClock:
            nonlocal tries
            tries += 1
            if tries == 3:
                let_go()
            return system_clock(database, settings)

        await patiently(step, settings)
    database.close()
    assert tries == 3
    assert [record.message for record in caplog.records] == [
        "waiting for the database, 60 s at most: the database is locked by another process; try again"
    ]


async def test_a_program_does_not_wait_for_ever(settings: Settings) -> None:
    """An operator reads which setting names the database that could not be used."""
    database = Database(settings.database, inline=True, patience=SHORT)
    with locked(settings.database), pytest.raises(DatabaseUnusableError, match="SOJOURN_DATABASE_URL"):
        await patiently(lambda: system_clock(database, settings), settings, patience=SHORT)
    database.close()


async def test_what_no_wait_can_help_is_said_at_once(postgres: PostgresServer, settings: Settings) -> None:
    """A misspelt database stops the start without a minute's delay."""
    wrong = settings.model_copy(update={"database_url": postgres.url("misspelt")})
    with pytest.raises(DatabaseUnusableError, match="does not exist"):
        await patiently(lambda: require_migrated(wrong), wrong, patience=timedelta(days=1))


@pytest.mark.parametrize("command", ["worker", "api", "migrate"])
async def test_the_programs_wait_for_a_server_that_is_not_up_yet(
    command: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Programs may be started in any order: they begin once PostgreSQL is there."""
    socket, log = tmp_path / "socket", tmp_path / "log"
    (port, nobody) = free_ports(2)
    env = environment(
        SOJOURN_SECRET_KEYS=SECRET,
        SOJOURN_DATA=str(tmp_path),
        SOJOURN_DATABASE_URL=f"postgresql+psycopg://postgres@/migrated?host={socket}",
        SOJOURN_API_PORT=str(port),
        TEMPORAL_ADDRESS=f"127.0.0.1:{nobody}",
    )
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220 - it is read by its log
            [sys.executable, "-m", "worker.cli", command], cwd=ROOT, env=env, stdout=output, stderr=output
        )
    try:
        await until(lambda: "waiting for the database" in log.read_text(), within=30, what="the program to wait")
        assert process.poll() is None
        socket.symlink_to(postgres.folder)
        began = {
            "api": "the API listens",
            "worker": f"Temporal does not answer at 127.0.0.1:{nobody}",
            "migrate": "has the tables of this version already",
        }[command]
        await until(lambda: began in log.read_text(), within=30, what="the program to begin")
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()
