"""The reconciler: settles journeys that ended without running any code of theirs.

A journey terminated in the Temporal UI writes no final record. Every few seconds the reconciler reads the
workflows that closed lately from Temporal's visibility, and settles those whose enrollment is still open;
once an hour it compares all open enrollments (guarantees A14). Running twice, or beside another one, changes
nothing: the first record of an end stands.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, exists, select
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowHistoryEventFilterType,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.storage import outbox, vouchers
from activities.storage.database import Database
from activities.storage.enrolled import clock_of, end, locked
from activities.storage.tables import Enrollment, OutboxItem

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=15)
OVERLAP = timedelta(minutes=2)  # visibility is eventually consistent
FULL_EVERY = timedelta(hours=1)
GRACE = timedelta(minutes=5)  # a start may still be on its way

OUTCOMES = {
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.CANCELED: "cancelled",
    WorkflowExecutionStatus.FAILED: "failed",
    WorkflowExecutionStatus.TIMED_OUT: "timed out",
    WorkflowExecutionStatus.COMPLETED: "ended",
}


class Reconciler:
    """Compares Temporal with the database.

    Args:
        database: where enrollments are.
        client: of Temporal.
        now: wall clock, UTC.
    """

    def __init__(
        self, database: Database, client: Client, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._client = client
        self._now = now

    async def run(self) -> None:
        """Reconcile until cancelled."""
        last_full: datetime | None = None
        since = self._now() - FULL_EVERY
        while True:
            started = self._now()
            try:
                if last_full is None or started - last_full > FULL_EVERY:
                    await self.compare_open()
                    last_full = started
                await self.settle_closed(since)
                since = started - OVERLAP
            except Exception:
                log.exception("the reconciler could not compare; it tries again")
            await asyncio.sleep(PAUSE.total_seconds())

    async def settle_closed(self, since: datetime) -> int:
        """Settle the open enrollments of workflows closed after an instant.

        Args:
            since: wall-clock instant, UTC.

        Returns:
            How many were settled.
        """
        query = f"ExecutionStatus != 'Running' AND CloseTime > '{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"
        settled = 0
        async for execution in self._client.list_workflows(query):
            settled += await self._settle(execution)
        return settled

    async def compare_open(self) -> int:
        """Look up every open enrollment in Temporal: settle those that closed, start anew what never began.

        Returns:
            How many needed a repair.
        """
        repaired = 0
        for workflow_id, enrollment_id in await self._database.read(self._open_since_long):
            try:
                description = await self._client.get_workflow_handle(workflow_id).describe()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                repaired += await self._repair_missing(enrollment_id)
                continue
            if description.status in OUTCOMES:
                repaired += await self._settle(description)
        return repaired

    def _open_since_long(self, session: Session) -> list[tuple[str, str]]:
        starts = exists().where(col(OutboxItem.enrollment_id) == Enrollment.id, col(OutboxItem.kind) == "start")
        open_ones = select(Enrollment).where(Enrollment.state != "ended", ~starts)  # what waits to start is not lost
        rows = session.exec(open_ones.order_by(col(Enrollment.id))).all()
        long_ago = self._now() - GRACE
        return [(row.workflow_id, row.id) for row in rows if clock_of(row).wall(row.enrolled_at) < long_ago]

    async def _settle(self, execution: WorkflowExecution) -> int:
        enrollment_id = execution.id.rpartition("/")[2]
        if execution.status not in OUTCOMES or not await self._database.read(
            lambda session: _is_open(session, enrollment_id)
        ):
            return 0
        handle = self._client.get_workflow_handle(execution.id)
        newest = await handle.describe()
        if newest.run_id != execution.run_id and newest.status not in OUTCOMES:
            return 0  # reset or continued: another run of the same journey is under way
        reason = await self._reason(execution.id, newest.run_id)
        outcome = OUTCOMES[newest.status or execution.status]
        at = newest.close_time or self._now()
        done = await self._database.write(lambda session: _end(session, enrollment_id, outcome, reason, at))
        if done:
            log.info("settled %s as %s", execution.id, outcome)
        return int(done)

    async def _reason(self, workflow_id: str, run_id: str) -> str:
        """What the close event says; the words of whoever pressed the button."""
        handle = self._client.get_workflow_handle(workflow_id, run_id=run_id)
        async for event in handle.fetch_history_events(event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT):
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
                return event.workflow_execution_terminated_event_attributes.reason
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
                return event.workflow_execution_failed_event_attributes.failure.message
        return ""

    async def _repair_missing(self, enrollment_id: str) -> int:
        """A journey that Temporal has forgotten, or never had."""

        def transaction(session: Session) -> bool:
            enrollment, _ = locked(session, enrollment_id)
            if enrollment.state == "starting":
                outbox.push(session, enrollment_id, "start", self._now())
                return True
            return _end(session, enrollment_id, "lost", "Temporal does not know this journey any more", self._now())

        return int(await self._database.write(transaction))


def _is_open(session: Session, enrollment_id: str) -> bool:
    row = session.get(Enrollment, enrollment_id)
    return row is not None and row.state != "ended"


def _end(session: Session, enrollment_id: str, outcome: str, reason: str, closed_at: datetime) -> bool:
    enrollment, _ = locked(session, enrollment_id)
    if enrollment.state == "ended":
        return False
    at = clock_of(enrollment).at(closed_at)
    vouchers.release(session, enrollment.id)
    return end(session, enrollment, outcome, reason, at)
