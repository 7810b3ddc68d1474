"""A worker that was asleep over the end of a customer's window does not send when it wakes (guarantees A9)."""

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.clock import JourneyClock
from tests.fake_providers import FakeProviders, fakes
from tests.faults.site import FAILING, Site, kill, site, temporal
from tests.system import until
from worker.processes.ports import free_ports
from worker.processes.supervisor import Supervisor

__all__ = ["fakes"]

DEADLINE = 90.0
CLOSES = datetime(2027, 3, 27, 20, tzinfo=UTC)  # nine in the evening in Prague
OPENS = datetime(2027, 3, 28, 7, tzinfo=UTC)  # nine in the morning, after the clocks went forward
TOLERANCE = timedelta(seconds=1)  # a worker hears of its task a moment after Temporal has begun to count
LEFT = timedelta(seconds=12)  # enough for a worker to be let pass, and for a slow machine


@pytest.fixture(scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A Temporal server."""
    (port,) = free_ports(1)
    async with Supervisor() as supervisor:
        await supervisor.start(temporal(tmp_path_factory.mktemp("temporal"), port))
        yield f"127.0.0.1:{port}"


async def test_a_worker_that_slept_past_the_window_sends_nothing(
    address: str, tmp_path: Path, fakes: FakeProviders
) -> None:
    """A machine that freezes between the gate and the provider writes to nobody at night, and to all in the morning."""
    over_http = await fakes.settings("sendgrid")
    async with asyncio.TaskGroup() as both:
        both.create_task(_sleeps_over_the_end(address, tmp_path / "mailbox", {}))
        both.create_task(_sleeps_over_the_end(address, tmp_path / "http", over_http))
    assert await fakes.journal("sendgrid") == []


async def _sleeps_over_the_end(address: str, folder: Path, settings: dict[str, str]) -> None:
    async with site(folder, address) as here, Supervisor(stop_within=0.5) as supervisor:
        await supervisor.start(here.worker(command=FAILING, failpoint="pause", settings=settings))
        await until(lambda: "serves task queue" in _log(here), within=DEADLINE, what="the worker")
        here.clock = JourneyClock(datetime.now(UTC), CLOSES - LEFT)
        (enrollment_id,) = here.register()
        await until((here.folder / "killed").exists, within=DEADLINE, what="the message to be let pass")
        assert here.clock.at(datetime.now(UTC)) < CLOSES, "the machine is too slow for this test"
        assert [row.state for row in here.ledger()] == ["attempting"]
        await until(lambda: here.clock.at(datetime.now(UTC)) > CLOSES + TOLERANCE, within=DEADLINE, what="night")
        kill(supervisor, "worker", signal.SIGCONT)
        await until(lambda: here.messages(enrollment_id) != [], within=DEADLINE, what="the message's fate")
        assert here.messages(enrollment_id) == [("complete-your-account", "deferred")]
        (row,) = here.ledger()
        assert (row.state, row.put_off_for) == ("retryable", "the send window is closed")
        assert row.put_off_until == here.clock.wall(OPENS)
        assert here.mails() == 0


def _log(here: Site) -> str:
    return (here.folder / "worker.log").read_text()
