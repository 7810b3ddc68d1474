"""A Temporal server for those who do not break it, and the numbers of each run."""

from collections.abc import AsyncIterator

import pytest

from tests.faults.site import temporal
from worker.processes.ports import free_ports
from worker.processes.supervisor import Supervisor


@pytest.fixture(scope="session")
async def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A Temporal server that outlives the workers."""
    (port,) = free_ports(1)
    async with Supervisor() as supervisor:
        await supervisor.start(temporal(tmp_path_factory.mktemp("temporal"), port))
        yield f"127.0.0.1:{port}"
