"""Whatever dies in the night, in the morning every customer has what they were promised, and nothing twice."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.faults.site import FAILING, Site, kill, site, temporal
from tests.system import until
from worker.processes.ports import free_ports
from worker.processes.supervisor import Supervisor

ALL = [("complete-your-account", "sent"), ("voucher-offer", "sent")]
DEADLINE = 60.0


@pytest.fixture(scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A Temporal server that outlives the workers."""
    (port,) = free_ports(1)
    async with Supervisor() as supervisor:
        await supervisor.start(temporal(tmp_path_factory.mktemp("temporal"), port))
        yield f"127.0.0.1:{port}"


async def test_a_worker_killed_in_the_middle_of_a_wait_costs_nobody_a_message(address: str, tmp_path: Path) -> None:
    """A journey whose worker dies while it waits is taken on by the next one, and each message goes once."""
    async with site(tmp_path / "wait", address) as here, hasty() as supervisor:
        (enrollment_id,) = here.register()
        await supervisor.start(here.worker())
        await until(lambda: here.messages(enrollment_id) == ALL[:1], within=DEADLINE, what="the first message")
        kill(supervisor, "worker", signal.SIGKILL)
        assert await returncode(supervisor) == -signal.SIGKILL
        async with hasty() as another:
            await another.start(here.worker("another"))
            await until(lambda: here.rows()[0].state == "ended", within=DEADLINE, what="the end")
        assert here.rows()[0].outcome == "not complete"
        assert here.messages(enrollment_id) == ALL
        assert here.mails() == len(here.ledger()) == 2


async def test_registrations_wait_for_a_temporal_that_is_away(tmp_path: Path) -> None:
    """Registrations stored while Temporal is down become journeys once it is back, each exactly once."""
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    async with (
        site(tmp_path / "away", address, parameters={}) as here,
        Supervisor() as servers,
        Supervisor() as restarted,
        hasty() as workers,  # left first: a worker whose server is gone takes its time to stop
    ):
        await servers.start(temporal(tmp_path, port))
        first = here.register(1)
        await workers.start(here.worker("one"))
        await workers.start(here.worker("two"))
        await until(lambda: _running(here) == set(first), within=DEADLINE, what="the first start")
        await servers.stop()
        ids = here.register(12)
        await until(lambda: _has_tried(here), within=DEADLINE, what="the relay to find Temporal away")
        assert _running(here) == set(first)
        await restarted.start(temporal(tmp_path, port))
        await until(lambda: _running(here) == set(ids), within=DEADLINE, what="all to be started")
        client = await Client.connect(address)
        await until(lambda: _lists(client, len(ids)), within=DEADLINE, what="visibility to show them")
        for row in here.rows():
            events = [event async for event in client.get_workflow_handle(row.workflow_id).fetch_history_events()]
            assert sum(e.HasField("workflow_execution_started_event_attributes") for e in events) == 1


async def test_a_worker_asked_to_stop_finishes_what_it_sends(address: str, tmp_path: Path) -> None:
    """A deploy tears no message: the worker settles the one that is leaving, and exits in peace."""
    async with site(tmp_path / "deploy", address) as here, hasty() as supervisor:
        (enrollment_id,) = here.register()
        await supervisor.start(here.worker("worker", FAILING, "slow"))
        await until((here.folder / "asked").exists, within=DEADLINE, what="the message to leave")
        kill(supervisor, "worker", signal.SIGTERM)
        await until(lambda: "finishes what it has begun" in _log(here), within=DEADLINE, what="the worker to hear")
        assert here.messages(enrollment_id) == []
        (here.folder / "go").touch()
        assert await returncode(supervisor) == 0
        assert here.messages(enrollment_id) == ALL[:1]
        assert here.left() == 1


def hasty() -> Supervisor:
    """Stops workers without letting them finish: what they do at the end of a test is of no interest."""
    return Supervisor(stop_within=0.5)


async def returncode(supervisor: Supervisor) -> int:
    """How its program ended by itself."""
    return (await asyncio.wait_for(supervisor.wait_any(), DEADLINE)).returncode


def _running(here: Site) -> set[str]:
    return {row.id for row in here.rows() if row.state == "running"}


def _has_tried(here: Site) -> bool:
    return any("waits:" in path.read_text() for path in here.folder.glob("*.log"))


def _log(here: Site) -> str:
    return (here.folder / "worker.log").read_text()


async def _lists(client: Client, number: int) -> bool:
    return (await client.count_workflows("JourneyName = 'data-collection-voucher'")).count == number
