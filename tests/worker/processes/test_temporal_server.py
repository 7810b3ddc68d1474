"""The embedded Temporal server: found, started, ready."""

import asyncio
import os
import sqlite3
import sys
from functools import partial
from pathlib import Path

import pytest
from temporalio.client import Client

from worker.processes.child import Child
from worker.processes.ports import free_ports
from worker.processes.readiness import http_ok
from worker.processes.supervisor import Supervisor
from worker.processes.temporal_server import (
    TemporalNotFoundError,
    TemporalNotReadyError,
    find_temporal,
    temporal_command,
    wait_for_temporal,
)


async def test_a_server_keeps_its_state_in_a_file_and_shows_its_ui(tmp_path: Path) -> None:
    """`sojourn dev` remembers its journeys over a restart, and the developer can look at them."""
    port, ui_port = free_ports(2)
    database, address = tmp_path / "temporal.db", f"127.0.0.1:{port}"
    command = temporal_command(port=port, ui_port=ui_port, database=database)
    ready = partial(wait_for_temporal, address, 30)
    # A setting for other programs must not disturb the server.
    env = os.environ | {"TEMPORAL_CONFIG_FILE": str(tmp_path / "none.toml"), "TEMPORAL_PROFILE": "none"}
    for already_there in (0, 1):
        async with Supervisor() as supervisor:
            await supervisor.start(Child("temporal", command, env, tmp_path / "temporal.log", ready))
            await asyncio.wait_for(http_ok(f"http://127.0.0.1:{ui_port}/")(), 30)
            client = await Client.connect(address)
            journeys = [journey async for journey in client.list_workflows()]
            assert len(journeys) == already_there
            if not journeys:
                await client.start_workflow("welcome", id="w1", task_queue="none")
                await asyncio.wait_for(_until_listed(client), 30)
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


async def _until_listed(client: Client) -> None:
    while not [workflow async for workflow in client.list_workflows()]:  # noqa: ASYNC110 the server's doing
        await asyncio.sleep(0.05)


async def test_a_server_that_is_not_there_is_named() -> None:
    """Waiting for a server that never comes ends, and says which and why."""
    (port,) = free_ports(1)
    with pytest.raises(
        TemporalNotReadyError, match=rf"Temporal at 127\.0\.0\.1:{port} was not ready within 0\.3 s: .+"
    ):
        await wait_for_temporal(f"127.0.0.1:{port}", 0.3)


def test_the_server_serves_this_machine_alone(tmp_path: Path) -> None:
    """A developer's laptop opens nothing to the network, and short timers are exact."""
    command = temporal_command(port=7233, database=tmp_path / "temporal.db", time_skipping=True)
    assert command[1:7] == ("server", "start-dev", "--ip", "127.0.0.1", "--port", "7233")
    assert "--headless" in command
    assert 'history.timerProcessorMaxTimeShift="1ms"' in command
    assert "frontend.WorkflowTimeSkippingEnabled=true" in command
    assert "--ui-port" not in command
    assert "--db-filename" not in temporal_command(port=7233, ui_port=8233)


def test_without_the_program_the_developer_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the extra, the error says how to get the server and how to do without."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_temporal().parent == Path(sys.executable).parent
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(TemporalNotFoundError, match=r"sojourn\[embedded\].*TEMPORAL_ADDRESS"):
        find_temporal()
