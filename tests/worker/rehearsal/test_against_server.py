"""A rehearsal does what the real server does, with time skipped there."""

import asyncio
import shutil
import sysconfig
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.worker.rehearsal import toys
from tests.worker.rehearsal.toys import Desk, Parcel
from worker.rehearsal.engine import VirtualRun

START = datetime(2027, 3, 27, 8, 30, tzinfo=UTC)
DEADLINE = 60  # seconds; a bug in a workflow shows as a hang


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """The dev server, with the clock of each workflow skipping ahead."""
    binary = shutil.which("temporal", path=sysconfig.get_path("scripts")) or shutil.which("temporal")
    assert binary
    async with await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=binary,
        dev_server_log_level="error",
        search_attributes=[toys.STAGE],
        dev_server_extra_args=[
            "--dynamic-config-value",
            "frontend.WorkflowTimeSkippingEnabled=true",
            "--dynamic-config-value",
            'history.timerProcessorMaxTimeShift="1ms"',
        ],
    ) as environment:
        yield environment


async def on_server(server: WorkflowEnvironment, desk: Desk, told: dict[timedelta, str]) -> list[str]:
    """The story that the workflow tells on the server."""
    queue = f"toys-{len(told)}-{desk.failures}"
    async with Worker(server.client, task_queue=queue, workflows=[toys.Patience], activities=[desk.stamp]):
        with server.with_time_skipping_disabled():
            handle = await server.client.start_workflow(toys.Patience.run, Parcel("p"), id=queue, task_queue=queue)
        passed = timedelta()
        for after, text in told.items():
            assert await server.fast_forward(handle, after - passed)
            await handle.signal("tell", text)
            passed = after
        await server.fast_forward(handle, timedelta(days=99))
        return await asyncio.wait_for(handle.result(), DEADLINE)


async def rehearsed(desk: Desk, told: dict[timedelta, str]) -> object:
    """The story that it tells in a rehearsal."""
    run = VirtualRun(toys.Patience, Parcel("p"), start=START, workflow_id="p", activities=[desk.stamp])
    for after, text in told.items():
        run.at(START + after, lambda text=text: run.signal("tell", text))  # type: ignore[misc] # bound in the loop
    return await run.run()


@pytest.mark.parametrize(
    ("failures", "told"),
    [
        (0, {}),
        (2, {}),
        (0, {timedelta(days=2): "yes"}),
        # Not while an activity is retried: a fast-forward on the dev server (1.32) cuts its backoff short.
        (2, {timedelta(days=1): "early", timedelta(days=4): "again"}),
    ],
)
async def test_the_story_is_the_same(server: WorkflowEnvironment, failures: int, told: dict[timedelta, str]) -> None:
    """What a marketer reads in a rehearsal is, step by step and hour by hour, what a customer will get."""
    real, virtual = Desk(failures), Desk(failures)
    assert await on_server(server, real, told) == await rehearsed(virtual, told)
    assert [seen.split()[1] for seen in real.seen] == [seen.split()[1] for seen in virtual.seen]
