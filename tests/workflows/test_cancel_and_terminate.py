"""Support ends a journey in the Temporal UI: by a request to cancel, by terminating, and what a reset does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from activities.delivery import Unavailable
from tests.system import until
from tests.workflows.entered import REWARDED, SHORT, Entered, Postbox, entered
from worker.reconciler import Reconciler
from worker.rehearsal.scenario import Cancel, ProfileChange
from worker.worker_process import build_worker
from workflows.journey.search_attributes import JOURNEY_OUTCOME

REST = ProfileChange({"last_name": "Byron", "phone": "+420601123456", "date_of_birth": "1990-12-10"})
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def test_a_cancelled_journey_cleans_up(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Staff press 'Request Cancellation': it is on record with their reason, and what was promised is free again."""
    async with entered(server, tmp_path) as customer:
        await customer.forward(days=6, hours=1)
        assert customer.sent == ["email complete-your-account", "email voucher-offer"]
        assert len(customer.codes("reserved")) == 1
        await customer.handle.cancel(reason="asked by phone")
        await customer.end()
        description = await customer.describe()
        assert description.status is WorkflowExecutionStatus.CANCELED
        assert description.typed_search_attributes[JOURNEY_OUTCOME] == "cancelled"
        assert customer.ended_as == ("cancelled", "asked by phone")
        assert customer.codes("reserved") == []
        last = customer.system.timeline(customer.id)[-1]
        assert (last["kind"], last["outcome"], last["reason"]) == ("outcome", "cancelled", "asked by phone")
        assert await customer.details() == "**Ended: cancelled**\n- last message: email voucher-offer: sent"
        assert len(customer.postbox.delivered) == 2


async def test_a_journey_cancelled_before_any_worker_ran_is_settled(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A cancel that comes before the first step is kept, and nothing goes out."""
    async with entered(server, tmp_path, worker=False) as customer:
        await customer.handle.cancel(reason="a mistake")
        async with build_worker(customer.system.client, customer.system.parts, customer.system.task_queue):
            await customer.end()
        assert (await customer.describe()).status is WorkflowExecutionStatus.CANCELED
        assert customer.ended_as == ("cancelled", "a mistake")
        told = [entry["kind"] for entry in customer.system.timeline(customer.id)]
        assert told == ["check", "wait", "outcome"]


async def test_a_message_that_is_leaving_is_settled_before_the_cancel(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A cancel tears no journey from a message: its fate is on record, and only then the journey ends."""
    async with entered(server, tmp_path, parameters=SHORT) as customer:
        customer.postbox.open.clear()
        await until(lambda: len(customer.postbox.delivered) == 1, what="the message to leave")
        await customer.handle.cancel(reason="asked by phone")
        await until(lambda: _has_taken_note(customer), what="the journey to take note")
        assert customer.system.row(customer.id).state == "running"
        customer.postbox.open.set()
        await customer.end()
        assert customer.messages == [["email", "complete-your-account", "sent"]]
        assert customer.ended_as == ("cancelled", "asked by phone")
        assert (await customer.describe()).status is WorkflowExecutionStatus.CANCELED
        assert len(customer.postbox.delivered) == 1


async def test_a_message_that_waits_for_its_next_attempt_holds_up_no_cancel(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A journey whose provider is away is cancelled at once, and its message does not go when the provider is back."""
    async with entered(server, tmp_path, parameters=SHORT) as customer:
        customer.postbox.verdict = Unavailable("down")
        await until(lambda: len(customer.postbox.delivered) == 3, what="three attempts; the next is seconds away")
        await customer.handle.cancel(reason="asked by phone")
        await customer.end()
        assert customer.ended_as == ("cancelled", "asked by phone")
        assert (await customer.describe()).status is WorkflowExecutionStatus.CANCELED
        assert (customer.sent, len(customer.postbox.delivered)) == ([], 3)


async def test_a_cancel_through_the_api_comes_to_the_same_end(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Whoever cancels in the API instead of the Temporal UI finds the same record there."""
    async with entered(server, tmp_path) as customer:
        await customer.forward(days=4)
        await customer.happens(Cancel("asked by mail"))
        await customer.end()
        assert (await customer.describe()).status is WorkflowExecutionStatus.CANCELED
        assert customer.ended_as == ("cancelled", "asked by mail")


async def test_a_held_journey_can_be_cancelled(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A journey on hold need not be resumed first to be ended."""
    async with entered(server, tmp_path) as customer:
        await customer.handle.execute_update("hold", "under review")
        await customer.handle.cancel(reason="not wanted")
        await customer.end()
        assert customer.ended_as == ("cancelled", "not wanted")


async def test_a_terminated_journey_is_settled_with_its_reason(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A journey terminated in the Temporal UI runs no code, and is settled all the same within seconds."""
    async with entered(server, tmp_path) as customer:
        reconciler = Reconciler(customer.system.database, customer.system.client)
        await customer.forward(days=6, hours=1)
        assert len(customer.codes("reserved")) == 1
        await customer.handle.terminate("spam complaint", reason="spam complaint")
        await until(lambda: _settles(reconciler), what="visibility to show it")
        assert customer.ended_as == ("terminated", "spam complaint")
        assert customer.codes("reserved") == []
        last = customer.system.timeline(customer.id)[-1]
        assert (last["kind"], last["outcome"], last["reason"]) == ("outcome", "terminated", "spam complaint")
        ended_at = customer.system.row(customer.id).ended_at
        assert ended_at is not None
        assert (
            timedelta(0) <= ended_at - customer.branch.scenario.start - timedelta(days=6, hours=1) < timedelta(hours=1)
        )
        assert await reconciler.settle_closed(LONG_AGO) == 0
        assert len(customer.system.timeline(customer.id)) == last_position(customer)


async def test_a_reset_journey_repeats_nothing(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A journey reset to its first task in the Temporal UI goes its way again, and no message or voucher doubles."""
    slow = {**SHORT, "promise_wait": "PT4S"}
    async with entered(server, tmp_path, REWARDED, parameters=slow) as customer:
        await until(lambda: len(customer.sent) == 2, what="the promise to be sent")
        new_run = await customer.reset("a fix was deployed")
        reconciler = Reconciler(customer.system.database, customer.system.client)
        await customer.until_shown("email offer")
        assert await reconciler.settle_closed(LONG_AGO) == 0
        await customer.happens(REST)
        await customer.end()
        assert (await customer.describe()).run_id == new_run
        assert customer.ended_as == ("rewarded by email", "")
        assert customer.sent == ["email complete-your-account", "email voucher-offer", "email your-voucher"]
        assert [each.key for each in customer.postbox.delivered] == [row.id for row in customer.ledger()]
        assert len(customer.codes("assigned")) == 1
        assert customer.codes("reserved") == []
        await reconciler.settle_closed(LONG_AGO)
        assert customer.ended_as == ("rewarded by email", "")


async def test_a_reset_after_the_end_changes_no_record(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A journey that is over may be reset by mistake: nobody hears of it and the first end stands."""
    async with entered(server, tmp_path, parameters=SHORT, postbox=Postbox()) as customer:
        await customer.end()
        delivered, timeline = len(customer.postbox.delivered), customer.system.timeline(customer.id)
        await customer.reset("by mistake")
        await customer.end()
        assert len(customer.postbox.delivered) == delivered == 3
        assert customer.ended_as == ("not complete", "")
        assert customer.system.timeline(customer.id) == timeline


def last_position(customer: Entered) -> int:
    """How many lines the timeline has."""
    return customer.system.row(customer.id).last_seq


async def _settles(reconciler: Reconciler) -> bool:
    return await reconciler.settle_closed(LONG_AGO) == 1


async def _has_taken_note(customer: Entered) -> bool:
    events = [event async for event in customer.handle.fetch_history_events()]
    return any(event.HasField("activity_task_cancel_requested_event_attributes") for event in events)
