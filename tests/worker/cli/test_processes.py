"""`sojourn worker`, `api` and `migrate`: how they start, and what stops them."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from activities.providers.trusted import trusted
from activities.storage.migrate import is_current
from tests.worker.cli.command import ROOT, SECRET, complaint, environment, sojourn, sojourn_here
from worker.processes.ports import free_ports

READY_SECONDS = 30


def test_migrate_makes_the_embedded_database(tmp_path: Path) -> None:
    """With no settings at all an operator gets a database in the data folder, for nobody else to read."""
    folder = tmp_path / "data"
    first = sojourn("migrate", SOJOURN_DATA=str(folder))
    assert first.returncode == 0, first.stderr
    assert is_current(f"sqlite:///{folder / 'sojourn.db'}")
    assert folder.stat().st_mode & 0o077 == 0
    again = sojourn("migrate", SOJOURN_DATA=str(folder))
    assert again.returncode == 0
    assert "already" in again.stderr


@pytest.mark.parametrize(
    ("command", "settings", "named"),
    [
        ("worker", {}, "SOJOURN_SECRET_KEYS"),
        ("api", {"SOJOURN_SECRET_KEYS": "short"}, "SOJOURN_SECRET_KEYS"),
        ("api", {"SOJOURN_API_PORT": "http"}, "SOJOURN_API_PORT"),
        ("api", {"SOJOURN_CLOCK_SPEED": "86400"}, "SOJOURN_CLOCK_SPEED"),
        ("worker", {"SOJOURN_EMAIL_PROVIDER": "smtp"}, "SOJOURN_SMTP_HOST"),
        ("migrate", {"SOJOURN_DATABASE_URL": "mysql://db/sojourn"}, "SOJOURN_DATABASE_URL"),
        ("migrate", {"SOJOURN_DATABASE_URL": "sojourn.db"}, "SOJOURN_DATABASE_URL"),
        ("api", {"SOJOURN_DATABSE_URL": "sqlite://"}, "is it SOJOURN_DATABASE_URL?"),
        ("api", {"SOJOURN_BRAND__COLOUR": "red"}, "brand colour"),
        ("worker", {"SOJOURN_DATA": "/proc/sojourn"}, "/proc/sojourn"),
    ],
)
def test_a_wrong_setting_stops_the_start(command: str, settings: dict[str, str], named: str, tmp_path: Path) -> None:
    """An operator reads in one line which setting is wrong."""
    given = {"SOJOURN_SECRET_KEYS": SECRET} if named != "SOJOURN_SECRET_KEYS" else {}
    done = sojourn_here(command, **{"SOJOURN_DATA": str(tmp_path / "data")} | given | settings)
    assert named in complaint(done, 1)


def test_a_broken_temporal_profile_is_named(sqlite_url: str, tmp_path: Path) -> None:
    """An operator reads that Temporal's own configuration file cannot be read."""
    profile = tmp_path / "temporal.toml"
    profile.write_text("not a profile")
    done = sojourn(
        "worker",
        SOJOURN_SECRET_KEYS=SECRET,
        SOJOURN_DATA=str(tmp_path),
        SOJOURN_DATABASE_URL=sqlite_url,
        TEMPORAL_CONFIG_FILE=str(profile),
    )
    assert "TEMPORAL_" in complaint(done, 1)


@pytest.mark.parametrize("command", ["worker", "api"])
def test_a_database_without_tables_stops_the_start(command: str, tmp_path: Path) -> None:
    """Whoever forgets to migrate is told to, before anything is served."""
    done = sojourn_here(command, SOJOURN_SECRET_KEYS=SECRET, SOJOURN_DATA=str(tmp_path))
    assert "sojourn migrate" in complaint(done, 1)


def test_a_worker_without_temporal_names_the_address(sqlite_url: str, tmp_path: Path) -> None:
    """An operator reads where the worker looked for Temporal."""
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    done = sojourn(
        "worker",
        SOJOURN_SECRET_KEYS=SECRET,
        SOJOURN_DATA=str(tmp_path),
        SOJOURN_DATABASE_URL=sqlite_url,
        TEMPORAL_ADDRESS=address,
    )
    assert address in complaint(done, 1)


def test_an_api_on_a_taken_port_names_the_port(sqlite_url: str, tmp_path: Path) -> None:
    """An operator reads which port is in use."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = sojourn(
            "api",
            SOJOURN_SECRET_KEYS=SECRET,
            SOJOURN_DATA=str(tmp_path),
            SOJOURN_DATABASE_URL=sqlite_url,
            SOJOURN_API_PORT=port,
        )
    assert port in complaint(done, 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_api_runs_without_temporal_and_ends_cleanly(number: int, sqlite_url: str, tmp_path: Path) -> None:
    """Registrations are taken in while Temporal is away; a stop is no failure, and logs name no customer."""
    api_port, temporal_port = free_ports(2)
    key = sojourn_here("keys", "create", SOJOURN_DATABASE_URL=sqlite_url).stdout.strip()
    settings = environment(
        SOJOURN_SECRET_KEYS=SECRET,
        SOJOURN_DATA=str(tmp_path / "data"),
        SOJOURN_DATABASE_URL=sqlite_url,
        SOJOURN_API_PORT=str(api_port),
        TEMPORAL_ADDRESS=f"127.0.0.1:{temporal_port}",
    )
    log = tmp_path / "api.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "worker.cli", "api"], cwd=ROOT, env=settings, stdout=output, stderr=output
        )
    try:
        url = f"http://127.0.0.1:{api_port}"
        _wait_until_ready(f"{url}/readyz", process, log)
        answer = httpx.post(
            f"{url}/v1/registrations",
            json={"first_name": "Adalbert", "email": "adalbert@example.com"},
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
        )
        assert answer.status_code == 202, answer.text
        assert httpx.get(f"{url}/mailbox", trust_env=False).status_code == 404
        os.kill(process.pid, number)
        assert process.wait(20) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
    assert "adalbert" not in log.read_text().lower()
    assert "Traceback" not in log.read_text()


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            if httpx.get(url, verify=trusted(), trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
