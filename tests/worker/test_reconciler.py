"""Journeys that ended, or never began, without running any code of theirs are put right."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, delete, select
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.clock import JourneyClock
from activities.storage import vouchers
from activities.storage.tables import Enrollment, OutboxItem, Voucher
from api.relay import Relay
from tests.system import System, running_system, until
from tests.workflows.entered import branch_named
from worker.processes.ports import free_ports
from worker.reconciler import Reconciler

NAME = "data-collection-voucher/not-complete-email-only"
DESIGN = "profile-reward"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def system(server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[System]:
    """A system without a worker: nothing but the reconciler can settle anything."""
    clock = JourneyClock(datetime.now(UTC), branch_named(NAME).scenario.start)
    async with running_system(server.client, tmp_path, clock=clock, worker=False) as running:
        with server.with_time_skipping_disabled():
            yield running


def later(system: System) -> Reconciler:
    """A reconciler for whom no start can be on its way any more."""
    return Reconciler(system.database, system.client, lambda: datetime.now(UTC) + timedelta(minutes=10))


async def entered_now(system: System) -> str:
    """A customer whose journey waits on the server; the enrollment's id."""
    branch = branch_named(NAME, quiet=True)
    enrollment_id = await system.enter(branch)
    assert system.row(enrollment_id).state == "running"

    def reserve(session: Session) -> None:
        assert vouchers.reserve(session, DESIGN, enrollment_id, datetime.now(UTC), "UTC") is not None

    await system.database.write(reserve)
    return enrollment_id


def reserved(system: System) -> list[str]:
    """Codes that are kept for somebody."""
    return system.database.read_now(
        lambda session: list(session.exec(select(Voucher.code).where(Voucher.state == "reserved")))
    )


def forget(system: System, enrollment_id: str, **changes: object) -> None:
    """Lose what the outbox has, and change the row."""

    def transaction(session: Session) -> None:
        session.exec(delete(OutboxItem))
        row = session.get_one(Enrollment, enrollment_id)
        for name, value in changes.items():
            setattr(row, name, value)

    system.database.write_now(transaction)


async def until_closed(system: System) -> None:
    """Wait until visibility shows every journey of the system as closed."""
    ours = set(system.database.read_now(lambda session: session.exec(select(Enrollment.workflow_id)).all()))

    async def listed() -> bool:
        return ours <= {each.id async for each in system.client.list_workflows("ExecutionStatus != 'Running'")}

    await until(listed, what="visibility to show it")


async def test_a_terminated_journey_is_settled_once(system: System) -> None:
    """Whoever terminates a journey finds outcome, reason and time on record, and what was promised is free again."""
    enrollment_id = await entered_now(system)
    assert len(reserved(system)) == 1
    await system.handle(enrollment_id).terminate(reason="a complaint")
    reconciler = Reconciler(system.database, system.client)
    await until_closed(system)
    assert await reconciler.settle_closed(LONG_AGO) == 1
    row = system.row(enrollment_id)
    assert (row.state, row.outcome, row.reason) == ("ended", "terminated", "a complaint")
    assert row.ended_at is not None
    assert abs(row.ended_at - system.clock.at(datetime.now(UTC))) < timedelta(minutes=1)
    assert reserved(system) == []
    (entry,) = system.timeline(enrollment_id)
    assert (entry["kind"], entry["outcome"], entry["reason"]) == ("outcome", "terminated", "a complaint")
    assert await reconciler.settle_closed(LONG_AGO) == 0
    assert await reconciler.compare_open() == 0
    assert system.timeline(enrollment_id) == [entry]


async def test_two_reconcilers_at_once_settle_once(system: System) -> None:
    """Two workers look after the same journeys and do not get into each other's way."""
    enrollment_id = await entered_now(system)
    await system.handle(enrollment_id).terminate(reason="a complaint")
    await until_closed(system)
    both = [Reconciler(system.database, system.client) for _ in range(2)]
    assert sum(await asyncio.gather(*(each.settle_closed(LONG_AGO) for each in both))) == 1
    assert len(system.timeline(enrollment_id)) == 1


async def test_what_closed_before_is_found_by_the_full_comparison(system: System) -> None:
    """A journey that closed while no reconciler ran is settled by the hourly look at every open one."""
    enrollment_id = await entered_now(system)
    await system.handle(enrollment_id).terminate(reason="overnight")
    assert await later(system).compare_open() == 1
    assert system.row(enrollment_id).reason == "overnight"
    assert await later(system).compare_open() == 0


async def test_a_journey_that_goes_on_is_left_alone(system: System) -> None:
    """Nothing changes for customers whose journey runs."""
    enrollment_id = await entered_now(system)
    assert await later(system).compare_open() == 0
    assert await later(system).settle_closed(LONG_AGO) == 0
    assert system.row(enrollment_id).state == "running"
    assert len(reserved(system)) == 1


async def test_a_start_that_was_lost_is_asked_for_again(system: System) -> None:
    """A customer whose journey never reached Temporal enters it after all, once."""
    carry, system.carry = system.carry, _nobody_carries  # type: ignore[method-assign] # nobody carries the first start
    enrollment_id = await system.enter(branch_named(NAME, quiet=True))
    system.carry = carry  # type: ignore[method-assign] # and back
    forget(system, enrollment_id)
    assert await Reconciler(system.database, system.client).compare_open() == 0  # it may still be on its way
    assert await later(system).compare_open() == 1
    assert await later(system).compare_open() == 0  # still missing, and asked for already
    assert len(system.database.read_now(lambda session: session.exec(select(OutboxItem)).all())) == 1
    in_a_while = datetime.now(UTC) + timedelta(minutes=11)
    relay = Relay(system.database, system.client, system.parts.reachability, system.task_queue, lambda: in_a_while)
    assert await relay.carry() == 1
    assert system.row(enrollment_id).state == "running"
    assert (await system.handle(enrollment_id).describe()).id == system.row(enrollment_id).workflow_id
    assert await later(system).compare_open() == 0


async def test_a_journey_that_temporal_forgot_is_lost(system: System) -> None:
    """A journey that was begun and is unknown to Temporal is settled as lost: it is never begun a second time."""
    enrollment_id = await entered_now(system)
    forget(system, enrollment_id, workflow_id="data-collection-voucher/enr_forgotten")
    assert await later(system).compare_open() == 1
    row = system.row(enrollment_id)
    assert (row.state, row.outcome) == ("ended", "lost")
    assert reserved(system) == []
    (entry,) = system.timeline(enrollment_id)
    assert (entry["kind"], entry["outcome"]) == ("outcome", "lost")
    assert await later(system).compare_open() == 0


async def test_workflows_of_others_are_none_of_its_business(system: System) -> None:
    """A namespace may be shared: what closed there and is no enrollment of ours is passed over."""
    handle = await system.client.start_workflow("invoice", id=f"invoice/{system.task_queue}", task_queue="others")
    await handle.terminate(reason="not ours")
    enrollment_id = await entered_now(system)
    await later(system).settle_closed(LONG_AGO)
    assert system.row(enrollment_id).state == "running"


async def test_a_temporal_that_is_away_changes_nothing(system: System) -> None:
    """While Temporal is away no journey is taken for lost."""
    enrollment_id = await entered_now(system)
    (port,) = free_ports(1)
    nowhere = await Client.connect(f"127.0.0.1:{port}", lazy=True)
    away = Reconciler(system.database, nowhere, lambda: datetime.now(UTC) + timedelta(minutes=10))
    with pytest.raises(RuntimeError):
        await away.compare_open()
    assert system.row(enrollment_id).state == "running"


async def _nobody_carries() -> None:
    return
