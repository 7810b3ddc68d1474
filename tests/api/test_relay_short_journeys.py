"""The relay and journeys that are over before it has noted their start."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from api.relay import Relay
from tests.scenarios import branches
from tests.system import running_system
from worker.rehearsal.happenings import enter

COMPLETE = next(branch for branch in branches() if str(branch) == "data-collection-voucher/complete-at-entry")


class SlowToAnswer:
    """A Temporal whose answer to a start comes when the journey is over."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def start_workflow(self, *arguments: Any, **options: Any) -> WorkflowHandle[Any, Any]:
        """Start it, and wait for its end."""
        handle: WorkflowHandle[Any, Any] = await self._client.start_workflow(*arguments, **options)
        await handle.result()
        return handle


async def test_a_journey_that_ends_at_once_has_begun(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Whoever looks at a customer's journey of half a second sees when it began, and that it is over."""
    async with running_system(server.client, tmp_path, environment=server) as system:
        now = datetime.now(UTC)
        journey = system.admission.journeys[COMPLETE.journey]
        enrollment_id = await system.database.write(
            lambda session: enter(session, journey, COMPLETE.scenario, system.admission, now)  # type: ignore[arg-type] # the catalogue's classes
        )
        assert enrollment_id is not None
        slow = cast("Client", SlowToAnswer(system.client))
        relay = Relay(system.database, slow, system.parts.reachability, system.task_queue, lambda: datetime.now(UTC))
        while await relay.carry():
            pass
        row = system.row(enrollment_id)
        assert (row.state, row.outcome) == ("ended", "complete at entry")
        assert row.started_at is not None
        assert row.ended_at is not None
        assert now - timedelta(minutes=1) < row.started_at <= row.ended_at
