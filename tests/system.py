"""The product in one process, on a real server and a real database, for tests that live through journeys."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlmodel import Session
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

import workflows
from activities.channels import Channel
from activities.clock import JourneyClock
from activities.delivery import Provider
from activities.gate.gate import GateLimits
from activities.gate.webhooks import Secrets
from activities.providers.mailbox import Mailbox
from activities.providers.webhook_calls import WebhookCalls
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.intake import Admission
from activities.storage.links import Links
from activities.storage.tables import Customer, Enrollment
from activities.storage.timeline_view import entries
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from activities.webhooks import CHANNEL, HIDDEN, WebhookCaller
from api.relay import Relay
from tests.databases import migrated
from tests.scenarios import Branch
from worker.rehearsal.happenings import enter, happen
from worker.rehearsal.provider import RehearsedProvider, RehearsedWebhooks
from worker.rehearsal.scenario import Happening, ProviderResult
from worker.wiring import Parts
from worker.worker_process import build_worker

SECRET = "a key for tests, long enough"
DEADLINE = 60.0  # a bug in a workflow shows as a hang: nothing is awaited without a deadline
RENDERER = JinjaRenderer(Brand())
DEFAULT_LIMITS = GateLimits()


@dataclass
class System:
    """Everything but HTTP.

    Attributes:
        client: of the server.
        database: the system's own.
        parts: what its activities are built from.
        relay: carries the outbox.
        clock: the journey clock.
        environment: skips time, where the server can.
    """

    client: Client
    database: Database
    parts: Parts
    relay: Relay
    clock: JourneyClock
    task_queue: str
    environment: WorkflowEnvironment | None = None
    admission: Admission = field(init=False)

    def __post_init__(self) -> None:
        self.admission = Admission(workflows.catalogue(), self.clock)

    async def enter(self, branch: Branch) -> str:
        """Store the branch's customer, enroll them and start the journey; the enrollment's id."""
        journey = self.admission.journeys[branch.journey]
        now = self.clock.wall(branch.scenario.start)
        enrollment_id = await self.database.write(
            lambda session: enter(session, journey, branch.scenario, self.admission, now)  # type: ignore[arg-type] # the catalogue's classes
        )
        assert enrollment_id is not None, f"{branch} does not enter"
        await self.carry()
        return enrollment_id

    async def happen(self, enrollment_id: str, happening: Happening) -> None:
        """Let one thing happen, and the workflow hear of it."""

        def transaction(session: Session) -> None:
            row = session.get_one(Enrollment, enrollment_id)
            customer = session.get_one(Customer, row.customer_id)
            happen(session, happening, f"then-{uuid4()}", row, customer, self.admission)  # each event is one of its own

        await self.database.write(transaction)
        await self.carry()

    async def carry(self) -> None:
        """Deliver the outbox to its end."""
        while await self.relay.carry():
            pass

    def handle(self, enrollment_id: str) -> WorkflowHandle[Any, Any]:
        """The workflow of an enrollment."""
        row = self.row(enrollment_id)
        return self.client.get_workflow_handle(row.workflow_id)

    def row(self, enrollment_id: str) -> Enrollment:
        """The enrollment's row as it is now."""
        return self.database.read_now(lambda session: session.get_one(Enrollment, enrollment_id))

    def timeline(self, enrollment_id: str) -> list[dict[str, Any]]:
        """What happened."""
        return self.database.read_now(lambda session: entries(session, enrollment_id))

    def messages(self, enrollment_id: str) -> list[list[str]]:
        """Channel, template and result of each message."""
        return [
            [entry["channel"], entry["template"], entry["result"]]
            for entry in self.timeline(enrollment_id)
            if entry["kind"] == "message"
        ]

    async def end(self, enrollment_id: str) -> None:
        """Wait until the journey is over, however it ends."""
        handle, turns = self.handle(enrollment_id), 1 if self.environment is None else 6
        for turn in range(turns):
            try:
                await asyncio.wait_for(handle.result(), DEADLINE / turns)
            except WorkflowFailureError:
                return
            except TimeoutError:
                if turn == turns - 1:
                    raise
                # A skip that meets a running activity may end before the timers that follow it have begun.
                await self.forward(enrollment_id, timedelta(days=60))
            else:
                return

    async def forward(self, enrollment_id: str, span: timedelta) -> bool:
        """Let journey time pass; False if the journey ended first."""
        if self.environment is None:
            raise RuntimeError("this server cannot skip time")
        handle = self.handle(enrollment_id)
        try:
            return await asyncio.wait_for(self.environment.fast_forward(handle, self.clock.real(span)), DEADLINE)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False  # it was over before


@asynccontextmanager
async def running_system(
    client: Client,
    folder: Path,
    *,
    environment: WorkflowEnvironment | None = None,
    clock: JourneyClock | None = None,
    providers: Mapping[Channel, Provider] | None = None,
    limits: GateLimits = DEFAULT_LIMITS,
    webhooks: WebhookCaller | None = None,
    secrets: Secrets = lambda _name: HIDDEN,
    consent_by_default: bool = True,
    worker: bool = True,
) -> AsyncIterator[System]:
    """A system of its own: database, mailbox, task queue and worker.

    Args:
        client: of the server.
        folder: for the database and the mailbox.
        environment: of the server, if it can skip time.
        clock: the journey clock; real time if not given.
        providers: who delivers; a mailbox in the folder if not given.
        limits: of the gate.
        webhooks: makes the calls of journeys; the folder keeps them if not given.
        secrets: of those calls.
        consent_by_default: whether registering means agreeing to marketing.
        worker: whether one runs from the start.
    """
    file = folder / "sojourn.db"
    if not file.exists():
        file.write_bytes(migrated())
    database = Database(f"sqlite:///{file}")
    now = datetime.now(UTC)
    mailbox = Mailbox(folder / "mail")
    parts = Parts(
        database,
        providers or dict.fromkeys(Channel, mailbox),
        Links("https://hello.hearthmoor.example", [SECRET], "https://hmoor.example"),
        Reachability(SECRET, consent_by_default=consent_by_default),
        Brand(),
        limits=limits,
        renderer=RENDERER,
        webhooks=webhooks or WebhookCalls(folder / "mail"),
        secrets=secrets,
    )
    task_queue = f"tests-{uuid4()}"
    # Skipped time runs ahead of the relay's wall clock; to this relay whatever is in the outbox is due.
    ahead = timedelta(days=3650) if environment else timedelta(0)
    relay = Relay(database, client, parts.reachability, task_queue, lambda: datetime.now(UTC) + ahead)
    system = System(client, database, parts, relay, clock or JourneyClock(now, now), task_queue, environment)
    try:
        if worker:
            async with build_worker(client, parts, task_queue):
                yield system
        else:
            yield system
    finally:
        database.close()


async def until(
    condition: Callable[[], Awaitable[bool] | bool], *, within: float = 20.0, what: str = "", every: float = 0.02
) -> None:
    """Wait for a condition, with a deadline that says what was waited for."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"waited {within} s in vain for {what or condition}")
        await asyncio.sleep(every)


def rehearsed_providers(branch: Branch) -> dict[Channel, Provider]:
    """Providers that answer as the branch says."""
    return {
        channel: RehearsedProvider(branch.scenario.providers.get(channel, ProviderResult.ACCEPTED))
        for channel in Channel
    }


def rehearsed_webhooks(branch: Branch) -> RehearsedWebhooks:
    """Answers calls as the branch says."""
    return RehearsedWebhooks(branch.scenario.providers.get(CHANNEL, ProviderResult.ACCEPTED))


def as_scripted(branch: Branch) -> dict[str, Any]:
    """What the branch says of the system it runs in, for `running_system`."""
    return {
        "providers": rehearsed_providers(branch),
        "webhooks": rehearsed_webhooks(branch),
        "limits": GateLimits(caps=branch.scenario.caps),
        "consent_by_default": branch.scenario.consent_by_default,
    }
