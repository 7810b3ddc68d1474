"""Starts an embedded system: Temporal, the worker and the API as children of this process."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from worker.dev.addresses import Ports
from worker.dev.folder import DataFolder
from worker.processes.child import Child
from worker.processes.readiness import http_ok, polled
from worker.processes.supervisor import Supervisor
from worker.processes.temporal_server import temporal_command, wait_for_temporal
from worker.settings import PREFIX

START_SECONDS = 60.0
LOOK = 0.2  # seconds between two looks whether a program is ready
TASK_QUEUE = "sojourn"

Ready = Callable[[], Awaitable[object]]


@asynccontextmanager
async def running(
    folder: DataFolder, ports: Ports, inherited: Mapping[str, str], *others: Child, **settings: str
) -> AsyncIterator[Supervisor]:
    """A system that can be used; its programs end with the context.

    Args:
        folder: taken and prepared; where it keeps everything.
        ports: free.
        inherited: environment of its programs, without what is set here.
        others: further programs, started before those that may call them.
        settings: of Sojourn, by their names without the prefix.

    Raises:
        ChildDiedError: a program ended at its start.
        ChildNotReadyError: a program is not ready in time.
        TemporalNotFoundError: there is no `temporal` program.
    """
    environment = _environment(folder, ports, inherited, settings)
    served = polled(partial(is_served, ports.temporal_address), every=LOOK)
    answers = http_ok(f"{ports.api_url}/readyz", every=LOOK)
    async with Supervisor() as supervisor:
        await together(*map(supervisor.start, [_temporal(folder, ports, inherited), *others]))
        await together(
            supervisor.start(_program("worker", folder, environment, served)),
            supervisor.start(_program("api", folder, environment, answers)),
        )
        yield supervisor


def _temporal(folder: DataFolder, ports: Ports, environment: Mapping[str, str]) -> Child:
    codec = f"{ports.api_url}/codec" if f"{PREFIX}PAYLOAD_KEYS" in environment else None
    command = temporal_command(
        port=ports.temporal, ui_port=ports.ui, database=folder.temporal_database, ui_codec_endpoint=codec
    )
    ready = partial(wait_for_temporal, ports.temporal_address, START_SECONDS)
    return Child("temporal", command, environment, folder.log("temporal"), ready)


def _program(name: str, folder: DataFolder, environment: Mapping[str, str], ready: Ready) -> Child:
    return Child(name, (sys.executable, "-P", "-m", "worker.cli", name), environment, folder.log(name), ready)


async def together(*works: Coroutine[Any, Any, Any]) -> list[Any]:
    """Do several things at once; the first error ends the others and is raised by itself."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run_until_stopped(work: Coroutine[Any, Any, int], *, stopped: int) -> int:
    """Run to the end, or until SIGINT or SIGTERM, which let it clean up; a second signal hurries it.

    Args:
        work: what to run.
        stopped: the result where a signal ended it.

    Returns:
        Its result.
    """

    async def run() -> int:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return stopped

    return asyncio.run(run())


def _environment(
    folder: DataFolder, ports: Ports, inherited: Mapping[str, str], settings: Mapping[str, str]
) -> dict[str, str]:
    ours = {
        "data": str(folder.path),
        "database_url": "",
        "task_queue": TASK_QUEUE,
        "secret_keys": folder.secret_key(),
        "public_url": ports.api_url,
        "short_url": "",
        "ui_url": ports.ui_url,
        "api_host": "127.0.0.1",
        "api_port": str(ports.api),
        # No message leaves this machine.
        "email_provider": "mailbox",
        "sms_provider": "mailbox",
        "mailbox_page": "true",
        # What journeys call stays in the mailbox, until a developer gives an address, maybe on this machine.
        "webhook_allow_private": "true",
        "sample_secrets": "true",
        "codec_open": "true",
        **settings,
    }
    return {
        **inherited,
        "TEMPORAL_ADDRESS": ports.temporal_address,
        "TEMPORAL_NAMESPACE": "default",
        "TEMPORAL_CONFIG_FILE": os.devnull,  # a developer's own profile is about another server
        **{PREFIX + name.upper(): value for name, value in ours.items()},
    }


async def is_served(address: str) -> bool:
    """Whether a worker asks Temporal for journeys to run."""
    try:
        client = await Client.connect(address, lazy=True)
        answer = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=TASK_QUEUE),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
    except (RPCError, RuntimeError):
        return False
    return bool(answer.pollers)
