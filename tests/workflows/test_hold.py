"""Support holds a journey: from the Temporal UI or through the API, before it starts or in the middle."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from tests.system import DEADLINE, until
from tests.workflows.entered import Entered, entered
from worker.rehearsal.scenario import Hold, OptOut, Resume
from worker.worker_process import build_worker
from workflows.journey.enrollment import Status
from workflows.journey.search_attributes import ON_HOLD

PRAGUE = ZoneInfo("Europe/Prague")


async def test_staff_hold_and_resume_in_the_temporal_ui(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """The updates `hold` and `resume` take effect at once, in the journey, in the list of journeys and on record."""
    async with entered(server, tmp_path) as customer:
        assert await customer.handle.execute_update("hold", "the customer complained") == "on hold"
        row = customer.system.row(customer.id)
        assert (row.held, row.hold_reason, row.hold_seen) == (True, "the customer complained", row.hold_version)
        assert (await customer.describe()).typed_search_attributes[ON_HOLD] is True
        status = await customer.handle.query("status", result_type=Status)
        assert (status.held, status.hold_reason) == (True, "the customer complained")
        assert await customer.handle.execute_update("resume") == "running"
        row = customer.system.row(customer.id)
        assert (row.held, row.hold_reason) == (False, "")
        assert (await customer.describe()).typed_search_attributes[ON_HOLD] is False
        await customer.forward(days=30)
        await customer.end()
        assert customer.ended_as == ("not complete", "")


@pytest.mark.parametrize("arguments", [[""], ["  "], [], [7], [None]], ids=str)
async def test_a_hold_needs_a_reason(server: WorkflowEnvironment, tmp_path: Path, arguments: list[object]) -> None:
    """Staff who give no reason are told so, the journey goes on, and history keeps no trace."""
    async with entered(server, tmp_path) as customer:
        await customer.until_shown("Waiting")
        before = (await customer.describe()).history_length
        with pytest.raises(WorkflowUpdateFailedError):
            await customer.handle.execute_update("hold", args=arguments)
        assert (await customer.describe()).history_length == before
        assert customer.system.row(customer.id).held is False


async def test_a_hold_that_comes_with_the_very_first_task_is_kept(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Staff may hold a journey that no worker has begun yet: it begins on hold."""
    async with entered(server, tmp_path, worker=False) as customer:
        parts = customer.system.parts
        await customer.handle.signal("hold", {"version": 0, "held": True})  # an old one: it holds nobody
        asked = asyncio.create_task(customer.handle.execute_update("hold", "too early"))
        async with build_worker(customer.system.client, parts, customer.system.task_queue):
            assert await asyncio.wait_for(asked, DEADLINE) == "on hold"
            assert customer.system.row(customer.id).held is True


async def test_a_hold_before_the_start_holds_from_the_start(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A journey held through the API before Temporal knew of it takes its first step only after the resume."""
    async with entered(server, tmp_path, worker=False) as customer:
        await customer.happens(Hold("launch postponed"))
        async with build_worker(customer.system.client, customer.system.parts, customer.system.task_queue):
            await customer.until_shown("On hold")
            assert "- on hold: launch postponed" in await customer.details()
            await customer.forward(days=10)
            assert customer.system.timeline(customer.id) == []
            await customer.happens(Resume())
            await customer.until_shown("Waiting: time to complete the profile unprompted")


async def test_a_hold_through_the_api_is_acknowledged(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """The row tells that the workflow has been told, and the card in the Temporal UI says who waits and why."""
    async with entered(server, tmp_path) as customer:
        await customer.happens(Hold("under review"))
        row = customer.system.row(customer.id)
        assert row.hold_seen == row.hold_version == 1
        await until(lambda: _is_on_hold(customer), what="the workflow to know")
        assert (await customer.describe()).typed_search_attributes[ON_HOLD] is True


async def test_nothing_leaves_during_a_hold_and_one_message_after(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Two sends come due during a hold: at the resume, deep in the night, exactly one message waits for the morning."""
    async with entered(server, tmp_path) as customer:
        await customer.forward(days=2)
        await customer.happens(Hold("the customer complained"))
        await customer.forward(days=7, hours=14)  # past the reminder's time and the offer's, to 0:30 am in Prague
        assert customer.postbox.delivered == []
        assert (await customer.now()).astimezone(PRAGUE).hour == 0
        await customer.happens(Resume())
        await customer.forward(hours=1)
        assert customer.postbox.delivered == []
        await customer.forward(days=1)
        (message,) = customer.postbox.delivered
        assert message.decided_at.astimezone(PRAGUE).hour == 9
        assert customer.sent == ["email complete-your-account"]
        await customer.forward(days=30)
        await customer.end()
        assert customer.sent == ["email complete-your-account", "email voucher-offer", "sms voucher-offer"]


async def test_a_hold_known_only_to_the_database_stops_the_gate(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A hold takes effect at its commit, though the workflow hears of it later."""
    async with entered(server, tmp_path) as customer:
        carry, customer.system.carry = customer.system.carry, _nobody_carries  # type: ignore[method-assign] # the relay is late
        await customer.happens(Hold("at the last moment"))
        await customer.forward(days=4)
        assert customer.postbox.delivered == []
        assert "- on hold: at the last moment" in await customer.details()
        customer.system.carry = carry  # type: ignore[method-assign] # and back
        await customer.happens(Resume())
        await customer.forward(days=1)
        assert customer.sent == ["email complete-your-account"]


async def test_a_customer_may_leave_during_a_hold(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """An opt-out ends a journey on hold; nobody has to resume it first."""
    name = "data-collection-voucher/not-complete-email-only"
    async with entered(server, tmp_path, name) as customer:
        await customer.happens(Hold("under review"))
        await customer.forward(days=4)
        await customer.happens(OptOut("email"))
        await customer.end()
        assert customer.ended_as == ("opted out", "")
        assert customer.postbox.delivered == []


async def test_a_hold_of_a_journey_that_is_over_is_refused(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """What is over cannot be held; the record stays as it is."""
    starts = datetime(2027, 5, 3, 8, 0, tzinfo=UTC)
    async with entered(server, tmp_path, starts=starts) as customer:
        await customer.handle.cancel(reason="done")
        await customer.end()
        await customer.happens(Hold("too late"))
        assert customer.system.row(customer.id).held is False
        assert customer.ended_as == ("cancelled", "done")
        ended_at = customer.system.row(customer.id).ended_at
        assert ended_at is not None
        assert ended_at - starts < timedelta(minutes=1)


async def _is_on_hold(customer: Entered) -> bool:
    status: Status = await customer.handle.query("status", result_type=Status)
    return status.held


async def _nobody_carries() -> None:
    return
