"""A journey that cannot go on is found, with the reason, before a customer complains."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio import workflow
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.system import until
from tests.temporal import skipping_server
from tests.worker.endless_journey import Endless
from worker.sandbox import journey_runner
from worker.stuck import count_stuck, stuck_journeys

SOON = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2"  # five would take half a minute
PATIENCE = 30.0


@workflow.defn(name="broken")
class Broken:
    """A journey with a bug."""

    @workflow.run
    async def run(self) -> None:
        """Stumble."""
        raise RuntimeError("no template called goodbye")


async def test_a_journey_that_never_lets_go_is_stopped_and_its_line_is_named() -> None:
    """Developers read where it hangs, and the worker has its thread back: it can end."""
    async with skipping_server() as server:
        client, queue = server.client, f"endless-{uuid4()}"
        async with Worker(client, task_queue=queue, workflows=[Endless], workflow_runner=journey_runner()):
            handle = await client.start_workflow("endless", id="endless/enr_1", task_queue=queue)
            await until(lambda: _has_failed(handle), within=PATIENCE, what="the workflow task to fail")
            (failure, *_) = await _failures(handle)
            await handle.terminate()
    assert "deadlock" in failure.message
    assert "endless_journey.py" in failure.stack_trace


async def _has_failed(handle: WorkflowHandle[Any, Any]) -> bool:
    return bool(await _failures(handle))


async def _failures(handle: WorkflowHandle[Any, Any]) -> list[Failure]:
    history = await handle.fetch_history()
    return [
        event.workflow_task_failed_event_attributes.failure
        for event in history.events
        if event.HasField("workflow_task_failed_event_attributes")
    ]


async def test_a_journey_with_a_bug_is_found_with_its_reason() -> None:
    """Operators read which journeys are stuck, since when and why."""
    before = datetime.now(UTC) - timedelta(seconds=5)
    async with skipping_server(SOON) as server:
        client, queue, runner = server.client, f"stuck-{uuid4()}", UnsandboxedWorkflowRunner()
        async with Worker(client, task_queue=queue, workflows=[Broken], workflow_runner=runner):
            await client.start_workflow("broken", id="broken/enr_1", task_queue=queue)
            await until(lambda: _is_marked(client, queue), within=PATIENCE, what="Temporal to mark the workflow")
            (found,) = await stuck_journeys(client, queue)
    assert (found.workflow_id, found.journey, found.enrollment_id) == ("broken/enr_1", "broken", "enr_1")
    assert "no template called goodbye" in found.reason
    assert found.attempts >= 2
    assert found.since is not None
    assert found.since > before


async def _is_marked(client: Client, queue: str) -> bool:
    return await count_stuck(client, queue) == 1
