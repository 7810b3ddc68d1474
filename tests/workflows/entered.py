"""A customer who has just entered a journey, and everything staff can see and do."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionDescription, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.channels import Channel
from activities.clock import JourneyClock
from activities.delivery import Accepted, Deduplication, Delivery, Verdict
from activities.storage.tables import Message, Voucher
from tests.scenarios import Branch, branches
from tests.system import System, running_system, until
from worker.rehearsal.scenario import Happening, What
from worker.worker_process import build_worker

LONGEST = "data-collection-voucher/not-complete-email-and-sms"  # every message that never meets a complete profile
REWARDED = "data-collection-voucher/rewarded-by-email"

# Waits that pass while a test looks on, where skipping time would get in the way.
SHORT = {"first_wait": "PT1S", "reminder_wait": "PT1S", "promise_wait": "PT1S"}


class Postbox:
    """A provider that knows how often it was asked, and that may be kept from answering.

    Args:
        deduplication: none, so that every second request would be a second message.

    Attributes:
        verdict: its answer; None while it takes everything.
    """

    name = "postbox"

    def __init__(self, deduplication: Deduplication = Deduplication.NONE) -> None:
        self.deduplication = deduplication
        self.delivered: list[Delivery] = []
        self.verdict: Verdict | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Take the message, and answer once the box is open."""
        self.delivered.append(delivery)
        await self.open.wait()
        return self.verdict or Accepted(delivery.key)

    async def look_up(self, key: str) -> Verdict | None:
        """Whether the message was taken."""
        return Accepted(key) if any(each.key == key for each in self.delivered) else None


@dataclass
class Entered:
    """One customer in one journey.

    Attributes:
        system: everything around it.
        branch: what the customer is like.
        id: of the enrollment.
        postbox: where the messages go.
    """

    system: System
    branch: Branch
    id: str
    postbox: Postbox

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The workflow, as the Temporal UI has it."""
        return self.system.handle(self.id)

    @property
    def ended_as(self) -> tuple[str | None, str | None]:
        """Outcome and reason on the record."""
        row = self.system.row(self.id)
        return row.outcome, row.reason

    @property
    def sent(self) -> list[str]:
        """Channel and template of each message on the timeline that went out."""
        return [f"{channel} {template}" for channel, template, result in self.messages if result == "sent"]

    @property
    def messages(self) -> list[list[str]]:
        """Channel, template and result of each message on the timeline."""
        return self.system.messages(self.id)

    async def forward(self, **span: float) -> bool:
        """Let time pass: days, hours, minutes; False if the journey ended first."""
        return await self.system.forward(self.id, timedelta(**span))

    async def now(self) -> datetime:
        """The journey clock."""
        assert self.system.environment is not None
        return self.system.clock.at(await self.system.environment.get_current_time(self.handle))

    async def happens(self, what: What) -> None:
        """Let something happen now, and the journey hear of it."""
        await self.system.happen(self.id, Happening(self.branch.scenario.start + timedelta(days=1), what))

    async def end(self) -> None:
        """Wait until the journey is over."""
        await self.system.end(self.id)

    async def describe(self) -> WorkflowExecutionDescription:
        """What the Temporal UI shows of it."""
        return await self.handle.describe()

    async def details(self) -> str:
        """The card on the Temporal UI's page of the journey."""
        found: WorkflowMetadata = await self.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        return found.current_details

    async def until_shown(self, text: str) -> None:
        """Wait until the card says something."""

        async def shown() -> bool:
            return text in await self.details()

        await until(shown, what=text)

    async def reset(self, reason: str) -> str:
        """Reset the journey to its first workflow task, as the Temporal UI does; the new run's id."""
        client, description = self.system.client, await self.describe()
        first_task = [event async for event in self.handle.fetch_history_events()]
        done = next(e.event_id for e in first_task if e.HasField("workflow_task_completed_event_attributes"))
        answer = await client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=description.id, run_id=description.run_id),
                reason=reason,
                request_id=f"{description.run_id}-reset",
                workflow_task_finish_event_id=done,
            )
        )
        return str(answer.run_id)

    def codes(self, state: str) -> list[str]:
        """Voucher codes in a state: free, reserved or assigned."""
        return self.system.database.read_now(
            lambda session: list(session.exec(select(Voucher.code).where(Voucher.state == state)))
        )

    def ledger(self) -> list[Message]:
        """The rows of the messages, the oldest first."""

        def rows(session: Session) -> list[Message]:
            found = session.exec(select(Message).where(Message.enrollment_id == self.id)).all()
            return sorted(found, key=lambda row: (row.first_asked_at, row.step, row.visit))

        return self.system.database.read_now(rows)


def branch_named(name: str, *, parameters: Mapping[str, object] | None = None, quiet: bool = False) -> Branch:
    """A branch of the scenarios.

    Args:
        name: journey and branch.
        parameters: values that win over the scenario's.
        quiet: without what happens later in it.
    """
    branch = next(each for each in branches() if str(each) == name)
    scenario = replace(branch.scenario, parameters={**branch.scenario.parameters, **(parameters or {})})
    return replace(branch, scenario=replace(scenario, then=()) if quiet else scenario)


@asynccontextmanager
async def entered(
    server: WorkflowEnvironment,
    folder: Path,
    name: str = LONGEST,
    *,
    parameters: Mapping[str, object] | None = None,
    worker: bool = True,
    postbox: Postbox | None = None,
    starts: datetime | None = None,
) -> AsyncIterator[Entered]:
    """Let the customer of a branch enter, and stop there: time passes only when a test says so.

    Args:
        server: skips time.
        folder: of the system.
        name: of the branch.
        parameters: values that win over the scenario's.
        worker: whether one runs from the start.
        postbox: where the messages go.
        starts: what the journey clock shows at the beginning; the scenario's start if not given.
    """
    branch = branch_named(name, parameters=parameters, quiet=True)
    if starts is not None:
        branch = replace(branch, scenario=replace(branch.scenario, start=starts))
    postbox = postbox or Postbox()
    clock = JourneyClock(datetime.now(UTC), branch.scenario.start)
    async with running_system(
        server.client,
        folder,
        environment=server,
        clock=clock,
        providers=dict.fromkeys(Channel, postbox),
        worker=False,
    ) as system:
        with server.with_time_skipping_disabled():
            enrollment_id = await system.enter(branch)
        running = build_worker(system.client, system.parts, system.task_queue) if worker else nullcontext()
        async with running:
            yield Entered(system, branch, enrollment_id, postbox)
