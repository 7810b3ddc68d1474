"""Starts an embedded system: Temporal, the worker and the API as children of this process."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.clock import JourneyClock
from worker.dev.addresses import Ports
from worker.dev.first_start import Prepared, prepare
from worker.dev.folder import DataFolder
from worker.processes.child import Child
from worker.processes.readiness import http_ok, polled
from worker.processes.supervisor import Supervisor
from worker.processes.temporal_server import temporal_command, wait_for_temporal
from worker.settings import PREFIX

START_SECONDS = 60.0
TASK_QUEUE = "sojourn"


@dataclass(frozen=True)
class System:
    """An embedded system that runs.

    Attributes:
        ports: where it is reached.
        prepared: its journey clock and API key.
        supervisor: of its programs.
    """

    ports: Ports
    prepared: Prepared
    supervisor: Supervisor


@asynccontextmanager
async def running(
    folder: DataFolder, ports: Ports, first_clock: JourneyClock, inherited: Mapping[str, str], **settings: str
) -> AsyncIterator[System]:
    """A system that can be used; its programs end with the context.

    Args:
        folder: taken; where it keeps everything.
        ports: free.
        first_clock: the journey clock, if this is the folder's first start.
        inherited: environment of its programs, without what is set here.
        settings: of Sojourn, by their names without the prefix.

    Raises:
        ChildDiedError: a program ended at its start.
        ChildNotReadyError: a program is not ready in time.
        TemporalNotFoundError: there is no `temporal` program.
        DatabaseUnusableError: the database cannot be opened.
    """
    environment = _environment(folder, ports, inherited, settings)
    async with Supervisor() as supervisor:

        async def temporal() -> None:
            command = temporal_command(port=ports.temporal, ui_port=ports.ui, database=folder.temporal_database)
            ready = lambda: wait_for_temporal(ports.temporal_address, START_SECONDS)  # noqa: E731 - one probe
            log = folder.log("temporal")
            await supervisor.start(Child("temporal", command, inherited, log, ready), within=START_SECONDS)

        async def program(name: str, ready: Any) -> None:
            command = (sys.executable, "-m", "worker.cli", name)
            await supervisor.start(Child(name, command, environment, folder.log(name), ready), within=START_SECONDS)

        async def database() -> Prepared:
            prepared = await asyncio.to_thread(prepare, folder.database, first_clock, folder.api_key())
            folder.keep_api_key(prepared.api_key)
            return prepared

        prepared, _ = await together(database(), temporal())
        await together(
            program("worker", polled(lambda: _is_served(ports.temporal_address), every=0.2)),
            program("api", http_ok(f"{ports.api_url}/readyz", every=0.2)),
        )
        yield System(ports, prepared, supervisor)


async def together(*works: Coroutine[Any, Any, Any]) -> list[Any]:
    """Do several things at once; the first error ends the others and is raised by itself."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run_until_stopped(work: Coroutine[Any, Any, int]) -> int:
    """Run to the end, or until SIGINT or SIGTERM, which let it clean up.

    Returns:
        Its result; 0 where a signal ended it.
    """

    async def run() -> int:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return 0

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
        **settings,
    }
    return {
        **inherited,
        "TEMPORAL_ADDRESS": ports.temporal_address,
        "TEMPORAL_NAMESPACE": "default",
        "TEMPORAL_CONFIG_FILE": os.devnull,  # a developer's own profile is about another server
        **{PREFIX + name.upper(): value for name, value in ours.items()},
    }


async def _is_served(address: str) -> bool:
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
