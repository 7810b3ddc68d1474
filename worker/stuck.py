"""Journeys that cannot go on by themselves: their workflow task fails again and again, and only a fix helps.

Temporal marks such workflows after five failures in a row; why they fail stands in their histories.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError

from activities.storage.timeline_view import instant

REASONS_WITHIN = 100  # newest events that are searched for the reason; it is among the last few
MOST = 200
PATIENCE = 5.0  # seconds; whoever scrapes figures does not wait for long


@dataclass(frozen=True)
class StuckJourney:
    """One of them.

    Attributes:
        workflow_id: in Temporal.
        journey: its name.
        enrollment_id: whose.
        since: when the task was first tried, wall clock, UTC.
        attempts: how often it was tried since.
        reason: what the last failure said; empty where it cannot be read.
    """

    workflow_id: str
    journey: str
    enrollment_id: str
    since: datetime | None
    attempts: int
    reason: str

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.enrollment_id,
            "journey": self.journey,
            "workflow_id": self.workflow_id,
            "since": instant(self.since) if self.since else None,
            "attempts": self.attempts,
            "reason": self.reason,
        }


async def count_stuck(client: Client, task_queue: str) -> int:
    """How many there are; visibility may lag behind by seconds.

    Args:
        client: of Temporal.
        task_queue: of the journeys.
    """
    return (await client.count_workflows(_query(task_queue))).count


async def stuck_journeys(client: Client, task_queue: str, *, limit: int = MOST) -> list[StuckJourney]:
    """The journeys that are stuck, each with its reason.

    Args:
        client: of Temporal.
        task_queue: of the journeys.
        limit: how many at most.
    """
    found = client.list_workflows(_query(task_queue), limit=limit)
    return [await _told(client, execution) async for execution in found]


class StuckWatch:
    """The same for those who must not fail when Temporal is away: None instead.

    Args:
        client: of Temporal; may be lazy.
        task_queue: of the journeys.
    """

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def journeys(self) -> list[dict[str, Any]] | None:
        """As `stuck_journeys`, each as JSON."""
        try:
            async with asyncio.timeout(PATIENCE):
                return [each.document() for each in await stuck_journeys(self._client, self._task_queue)]
        except (RPCError, RuntimeError, TimeoutError):
            return None

    async def count(self) -> int | None:
        """As `count_stuck`."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await count_stuck(self._client, self._task_queue)
        except (RPCError, RuntimeError, TimeoutError):
            return None


def _query(task_queue: str) -> str:
    return f"TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running' AND TaskQueue = '{task_queue}'"


async def _told(client: Client, execution: WorkflowExecution) -> StuckJourney:
    description = await client.get_workflow_handle(execution.id, run_id=execution.run_id).describe()
    task = description.raw_description.pending_workflow_task
    has_time = task.HasField("original_scheduled_time")
    return StuckJourney(
        workflow_id=execution.id,
        journey=execution.workflow_type,
        enrollment_id=execution.id.rpartition("/")[2],
        since=task.original_scheduled_time.ToDatetime(UTC) if has_time else None,
        attempts=task.attempt,
        reason=await _reason(client, execution),
    )


async def _reason(client: Client, execution: WorkflowExecution) -> str:
    """The newest failure in the history. Temporal writes the first of a row of failures and counts the others."""
    answer = await client.workflow_service.get_workflow_execution_history_reverse(
        GetWorkflowExecutionHistoryReverseRequest(
            namespace=client.namespace,
            execution=Execution(workflow_id=execution.id, run_id=execution.run_id),
            maximum_page_size=REASONS_WITHIN,
        )
    )
    for event in answer.history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            failure = event.workflow_task_failed_event_attributes.failure
            return str(await client.data_converter.decode_failure(failure))
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
            return "no worker finished the task in time"
    return ""
