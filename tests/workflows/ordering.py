"""A customer who orders, answers and cancels: events as the client's systems send them, on a real server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker, WorkflowRunner

from activities.channels import Channel
from activities.clock import JourneyClock
from activities.storage import customers, intake, vouchers
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.designs import standard_design
from activities.storage.intake import Admission
from activities.storage.tables import Customer, Enrollment, InboxEvent, OutboxItem, Voucher
from tests.system import System, running_system
from tests.workflows.answering_journey import OrderAnswer
from tests.workflows.entered import Postbox
from worker.sandbox import journey_runner
from worker.wiring import build_activities
from workflows.journey import Journey

DESIGN = "loyalty-discount"
ORDER = {"orderId": "o1", "total": 50}


@dataclass
class Shop:
    """A system with journeys of the test's own, and what the client's systems send it.

    Attributes:
        system: everything around.
        journeys: that may be entered.
        postbox: where the messages go.
        workers: open until the test is over.
    """

    system: System
    journeys: Sequence[type[Journey]]
    postbox: Postbox
    workers: AsyncExitStack
    runner: WorkflowRunner
    sent: int = 0

    async def work(self) -> None:
        """Let a worker begin."""
        worker = Worker(
            self.system.client,
            task_queue=self.system.task_queue,
            workflows=list(self.journeys),
            activities=build_activities(self.system.parts),
            workflow_runner=self.runner,
        )
        await self.workers.enter_async_context(worker)

    async def register(self, name: str = "c1") -> None:
        """Let a customer exist; nothing starts."""
        await self.system.database.write(lambda session: self.new_customer(session, name))

    def new_customer(self, session: Session, name: str) -> None:
        """Store a customer."""
        changes = ProfileChanges(
            {"email": f"{name}@example.com", "phone": "+447700900123", "timezone": "Europe/London"}
        )
        now = datetime.now(UTC)
        registration = Registration(changes, name)
        customers.register(session, registration, default_zone="UTC", now=now, journey_now=self.system.clock.at(now))

    async def happens(
        self, type_: str, customer: str = "c1", *, id_: str = "", at: datetime | None = None, **properties: Any
    ) -> list[str]:
        """The client sends an event; what must be told is told. Ids of the enrollments it led to."""
        entered = await self.system.database.write(
            lambda session: self.accept(session, type_, customer, id_=id_, at=at, **properties)
        )
        await self.system.carry()
        return entered

    def accept(
        self,
        session: Session,
        type_: str,
        customer: str = "c1",
        *,
        id_: str = "",
        at: datetime | None = None,
        **properties: Any,
    ) -> list[str]:
        """Store an event, and what must be told of it."""
        self.sent += 1
        found = customers.find(session, customer)
        assert found is not None
        event = intake.Event(id_ or f"e{self.sent}", type_, at, {"orderId": "o1", **properties})
        return [row.id for row in intake.accept(session, event, found, self.system.admission, datetime.now(UTC))]

    async def order(self, customer: str = "c1", **properties: Any) -> str:
        """The customer orders; the enrollment's id."""
        [enrollment_id] = await self.happens("order.completed", customer, **{**ORDER, **properties})
        return enrollment_id

    def codes(self, state: str) -> int:
        """How many codes are in a state."""
        statement = select(Voucher).where(Voucher.state == state)
        return len(self.system.database.read_now(lambda session: session.exec(statement).all()))

    def ended_as(self, enrollment_id: str) -> tuple[str | None, str | None]:
        """Outcome and reason on the record."""
        row = self.system.row(enrollment_id)
        return row.outcome, row.reason

    def stored(self, type_: str) -> int:
        """How many events of a type are stored."""
        statement = select(InboxEvent).where(InboxEvent.type == type_)
        return len(self.system.database.read_now(lambda session: session.exec(statement).all()))

    def waiting(self) -> list[str]:
        """Kinds of what is still to be told."""
        return self.system.database.read_now(lambda session: [row.kind for row in session.exec(select(OutboxItem))])

    def enrollments(self) -> list[Enrollment]:
        """Everybody's entries."""
        return list(self.system.database.read_now(lambda session: session.exec(select(Enrollment)).all()))

    def customer_id(self, name: str = "c1") -> str:
        """Our id of a customer."""
        statement = select(Customer.id).where(Customer.external_id == name)
        return self.system.database.read_now(lambda session: session.exec(statement).one())

    async def forward(self, enrollment_id: str, **span: float) -> bool:
        """Let time pass; False if the journey ended first."""
        return await self.system.forward(enrollment_id, timedelta(**span))


@asynccontextmanager
async def shop(
    client: Client,
    folder: Path,
    *journeys: type[Journey],
    environment: WorkflowEnvironment | None = None,
    speed: float = 1.0,
    worker: bool = True,
    codes: int = 10,
    runner: WorkflowRunner | None = None,
) -> AsyncIterator[Shop]:
    """A shop whose customers may enter some journeys.

    Args:
        client: of the server.
        folder: of the system.
        journeys: the answering journey, if none is given.
        environment: of the server, where time is to be skipped.
        speed: of the journey clock.
        worker: whether one runs from the start.
        codes: how many vouchers there are.
        runner: of journeys; as in the product, if not given.
    """
    entered = journeys or (OrderAnswer,)
    postbox = Postbox()
    now = datetime.now(UTC)
    clock = JourneyClock(now, datetime(2026, 11, 22, 12, tzinfo=UTC), speed)
    providers = dict.fromkeys(Channel, postbox)
    async with (
        running_system(
            client, folder, environment=environment, clock=clock, providers=providers, worker=False
        ) as system,
        AsyncExitStack() as workers,
    ):
        system.admission = Admission({journey.name: journey for journey in entered}, clock)
        found = Shop(system, entered, postbox, workers, runner or journey_runner())
        pool = [f"CODE-{number}" for number in range(codes)]
        await system.database.write(lambda session: vouchers.load(session, standard_design(DESIGN), pool))
        if worker:
            await found.work()
        await found.register()
        yield found
