"""What the compose file starts, started: each service's own command with its environment, as a local process."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.databases import PostgresServer
from worker.dev.system import is_served
from worker.processes.child import Child
from worker.processes.ports import free_ports
from worker.processes.readiness import http_ok, polled
from worker.processes.supervisor import Supervisor
from worker.processes.temporal_server import temporal_command, wait_for_temporal

ROOT = Path(__file__).parent.parent
SERVICES: Mapping[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
REQUIRED = re.compile(r"\$\{(\w+):\?[^}]*\}")
DEFAULTED = re.compile(r"\$\{\w+:-([^}]*)\}")


@pytest.fixture
async def services(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator["Services"]:
    """A Temporal server and a database in the place of the compose file's."""
    temporal_port, api_port = free_ports(2)
    address = f"127.0.0.1:{temporal_port}"
    with postgres.fresh() as database:
        async with Supervisor() as supervisor:
            command = temporal_command(port=temporal_port)
            ready = partial(wait_for_temporal, address, 30)
            await supervisor.start(Child("temporal", command, dict(os.environ), tmp_path / "temporal.log", ready))
            yield Services(supervisor, tmp_path, database, address, api_port)


class Services:
    """The compose file's services, with their hosts on this machine."""

    def __init__(self, supervisor: Supervisor, folder: Path, database: str, temporal: str, api_port: int) -> None:
        self.supervisor = supervisor
        self.folder = folder
        self.temporal = temporal
        self.url = f"http://127.0.0.1:{api_port}"
        self._here = {
            "SOJOURN_DATABASE_URL": database,
            "SOJOURN_DATA": str(folder / "data"),
            "SOJOURN_API_HOST": "127.0.0.1",
            "SOJOURN_API_PORT": str(api_port),
            "TEMPORAL_ADDRESS": temporal,
        }
        (folder / "data").mkdir()

    def environment(self, name: str) -> dict[str, str]:
        """What compose would set, with only addresses and folders changed."""
        declared = {key: _filled(str(value)) for key, value in SERVICES[name]["environment"].items()}
        moved = {key: value for key, value in self._here.items() if key in declared}
        return {"PATH": os.environ["PATH"], **declared, **moved}

    def command(self, name: str) -> tuple[str, ...]:
        """The service's command, with the program of this environment."""
        program, *arguments = SERVICES[name]["command"]
        return str(Path(sys.executable).parent / program), *arguments

    async def run(self, name: str) -> int:
        """Run a service that ends by itself; its exit code."""
        process = await asyncio.create_subprocess_exec(*self.command(name), env=self.environment(name))
        return await asyncio.wait_for(process.wait(), 60)

    async def start(self, name: str, ready: Any) -> None:
        """Start a service and wait until it is ready."""
        child = Child(name, self.command(name), self.environment(name), self.folder / f"{name}.log", ready)
        await self.supervisor.start(child, within=60)


def _filled(value: str) -> str:
    return DEFAULTED.sub(r"\1", REQUIRED.sub("a-secret-key-of-enough-characters", value))


async def test_the_compose_files_services_start_with_its_environment(services: Services) -> None:
    """An operator who starts the compose file has tables, an API that answers and a worker that serves."""
    assert await services.run("migrate") == 0
    await services.start("worker", polled(partial(is_served, services.temporal)))
    await services.start("api", http_ok(f"{services.url}/readyz"))
    async with httpx.AsyncClient() as client:
        answer = (await client.get(f"{services.url}/readyz")).json()
    assert answer == {"database": "ok", "temporal": "ok"}
