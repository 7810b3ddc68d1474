"""A journey that cannot go on is found, with the reason, before a customer complains."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.system import until
from tests.temporal import skipping_server
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
