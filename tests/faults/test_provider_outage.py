"""A provider that is away for half a day, over the end of the window, costs nobody a message and nobody their sleep."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session
from temporalio.testing import WorkflowEnvironment

from activities.channels import Channel
from activities.clock import JourneyClock
from activities.delivery import Accepted, Deduplication, Delivery, Unavailable, Verdict
from activities.gate.pacing import AWAY, PaceLimits, Pacing
from activities.storage import provider_states
from activities.storage.tables import Enrollment
from tests.scenarios import Branch
from tests.system import System, running_system, until
from tests.workflows.entered import branch_named
from worker.rehearsal.happenings import enter
from worker.wiring import Parts
from worker.worker_process import build_worker

SPEED = 1800.0  # half an hour a second
START = datetime(2027, 3, 30, 13, tzinfo=UTC)  # three in the afternoon in Prague
BACK = START + timedelta(hours=12)
OPENS = datetime(2027, 3, 31, 7, tzinfo=UTC)
CUSTOMERS = 12
# As in production, by a clock that runs so much faster.
QUICK = PaceLimits(
    first_hold=timedelta(milliseconds=200),
    longest_hold=timedelta(seconds=1),
    probe=timedelta(milliseconds=500),
    memory=timedelta(milliseconds=10),
)
SPREAD = timedelta(hours=2)


class Company:
    """A provider that is away until its time has come."""

    name = "company"
    deduplication = Deduplication.NONE

    def __init__(self, clock: JourneyClock) -> None:
        self.clock = clock
        self.asked = 0
        self.arrived: list[datetime] = []

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Take the message, or not."""
        self.asked += 1
        now = self.clock.at(datetime.now(UTC))
        if now < BACK:
            return Unavailable("connection refused")
        self.arrived.append(now)
        return Accepted(delivery.key)

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 - the contract's signature
        """It cannot tell."""
        return None


async def test_an_outage_over_the_evening_is_made_up_for_in_the_morning(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    """All leave in the next window, spread; none outside of it, none lost, and the provider was not hammered."""
    clock = JourneyClock(datetime.now(UTC), START, SPEED)
    company = Company(clock)
    providers = dict.fromkeys(Channel, company)
    with server.with_time_skipping_disabled():
        async with running_system(server.client, tmp_path, clock=clock, providers=providers, worker=False) as system:
            parts: Parts = replace(system.parts, pacing=Pacing(limits=QUICK))
            async with build_worker(system.client, parts, system.task_queue):
                for number in range(CUSTOMERS):
                    await _enter(system, number)
                await until(lambda: _waiting(system.database.read_now, AWAY) >= 3, what="messages to wait")
                await until(lambda: len(company.arrived) >= CUSTOMERS, within=90, what="all messages")
    assert len(company.arrived) == CUSTOMERS
    assert all(OPENS <= at < OPENS + timedelta(hours=12) for at in company.arrived)
    assert max(company.arrived) - min(company.arrived) > SPREAD / 2
    assert company.asked - CUSTOMERS < 60  # 24 seconds of asking, and not once for each customer each time


async def _enter(system: System, number: int) -> None:
    branch = _customer(number)

    def transaction(session: Session) -> None:
        journey = system.admission.journeys[branch.journey]
        enrollment_id = enter(session, journey, branch.scenario, system.admission, system.clock.wall(START))  # type: ignore[arg-type] # the catalogue's classes
        session.get_one(Enrollment, enrollment_id).spread_seconds = SPREAD.total_seconds()

    await system.database.write(transaction)
    await system.carry()


def _customer(number: int) -> Branch:
    branch = branch_named("data-collection-voucher/not-complete-email-only", quiet=True)
    customer: dict[str, Any] = {"id": f"c{number}", "first_name": "Ada", "email": f"ada{number}@example.com"}
    scenario = replace(
        branch.scenario,
        start=START,
        customer={**customer, "timezone": "Europe/Prague"},
        parameters={"first_wait": "PT10M", "reminder_wait": "P30D"},
    )
    return replace(branch, scenario=scenario)


def _waiting(read: Any, reason: str) -> int:
    def count(session: Session) -> int:
        return sum(number for (_, why), number in provider_states.waiting(session).items() if why == reason)

    found: int = read(count)
    return found
