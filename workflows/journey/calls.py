"""How journeys call activities: timeouts and retries, named and in one place."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.calendar import CalendarActivities, LocalTime
from activities.facts import Hold
from activities.history import HistoryActivities, HistoryQuestion
from activities.messages import GateAnswer, MessageActivities, SendOrder
from activities.profile_changes import ChangeAnswer, IncreaseOrder, OptOutOrder, ProfileChangeActivities
from activities.records import Ending, HoldRequest, RecordActivities
from activities.rewards import RewardActivities, RewardAnswer, RewardOrder
from activities.timeline import Trail
from activities.webhooks import WebhookActivities, WebhookOrder

T = TypeVar("T")

# Longer than the ledger's lease, which is longer than a provider call may take (guarantees A9).
SEND_TIMEOUT = timedelta(seconds=120)
DATABASE_TIMEOUT = timedelta(seconds=30)

# No limit: whether a message is still wanted, and when to give it up, is the gate's decision at each attempt. The
# longest interval is such that whatever was away is back for everybody within a minute (guarantees I11).
PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=30)
)
# The same for another company's system, which may have fallen over: soon at first, then ever more rarely.
GENTLE = RetryPolicy(initial_interval=timedelta(seconds=2), backoff_coefficient=4, maximum_interval=timedelta(hours=1))
PROMPT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))

# A cancel must not tear a journey from a message that is leaving: it waits for the gate's answer.
FINISH_FIRST = workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED


class JourneyBugError(RuntimeError):
    """Something that only a fix can help. It parks the workflow task instead of failing the journey."""


async def send_message(order: SendOrder, summary: str) -> GateAnswer:
    """Take one message through the gate."""
    return await _or_bug(
        workflow.execute_activity_method(
            MessageActivities.send_message,
            order,
            summary=summary,
            start_to_close_timeout=SEND_TIMEOUT,
            retry_policy=PATIENT,
            cancellation_type=FINISH_FIRST,
        )
    )


async def call_webhook(order: WebhookOrder, summary: str) -> GateAnswer:
    """Take one call to another system through the gate."""
    return await _or_bug(
        workflow.execute_activity_method(
            WebhookActivities.call_webhook,
            order,
            summary=summary,
            start_to_close_timeout=SEND_TIMEOUT,
            retry_policy=GENTLE,
            cancellation_type=FINISH_FIRST,
        )
    )


async def assign_voucher(order: RewardOrder, summary: str) -> RewardAnswer:
    """Give one code of a design to the customer."""
    return await _or_bug(
        workflow.execute_activity_method(
            RewardActivities.assign_voucher,
            order,
            summary=summary,
            start_to_close_timeout=DATABASE_TIMEOUT,
            retry_policy=PATIENT,
            cancellation_type=FINISH_FIRST,
        )
    )


async def award_points(order: RewardOrder, summary: str) -> RewardAnswer:
    """Add points to the customer's balance."""
    return await _or_bug(
        workflow.execute_activity_method(
            RewardActivities.award_points,
            order,
            summary=summary,
            start_to_close_timeout=DATABASE_TIMEOUT,
            retry_policy=PATIENT,
            cancellation_type=FINISH_FIRST,
        )
    )


async def update_profile(order: IncreaseOrder, summary: str) -> ChangeAnswer:
    """Let a number in the profile grow."""
    return await _or_bug(
        workflow.execute_activity_method(
            ProfileChangeActivities.update_profile,
            order,
            summary=summary,
            start_to_close_timeout=DATABASE_TIMEOUT,
            retry_policy=PATIENT,
            cancellation_type=FINISH_FIRST,
        )
    )


async def opt_out(order: OptOutOrder, summary: str) -> ChangeAnswer:
    """Withdraw consent for every channel."""
    return await _or_bug(
        workflow.execute_activity_method(
            ProfileChangeActivities.opt_out,
            order,
            summary=summary,
            start_to_close_timeout=DATABASE_TIMEOUT,
            retry_policy=PATIENT,
            cancellation_type=FINISH_FIRST,
        )
    )


async def ask_history(question: HistoryQuestion, summary: str) -> bool:
    """Whether something was done; local, since the database is the worker's own."""
    return await _or_bug(
        workflow.execute_local_activity_method(
            HistoryActivities.ask_history,
            question,
            summary=summary,
            start_to_close_timeout=DATABASE_TIMEOUT,
            retry_policy=PROMPT,
        )
    )


async def record_hold(request: HoldRequest) -> Hold:
    """Write a hold or a resume that came through Temporal."""
    return await _or_bug(
        workflow.execute_activity_method(
            RecordActivities.record_hold,
            request,
            summary="hold" if request.held else "resume",
            start_to_close_timeout=DATABASE_TIMEOUT,
            retry_policy=PATIENT,
        )
    )


async def keep_trail(trail: Trail) -> None:
    """Write timeline entries; local, since the database is the worker's own."""
    await _or_bug(
        workflow.execute_local_activity_method(
            RecordActivities.keep_trail,
            trail,
            summary="steps so far",
            start_to_close_timeout=DATABASE_TIMEOUT,
            retry_policy=PROMPT,
        )
    )


async def finish(ending: Ending) -> None:
    """Write the final record."""
    await _or_bug(
        workflow.execute_local_activity_method(
            RecordActivities.finish,
            ending,
            summary=f"end: {ending.outcome}",
            start_to_close_timeout=DATABASE_TIMEOUT,
            retry_policy=PROMPT,
        )
    )


async def find_instant(wanted: LocalTime) -> datetime:
    """The instant of a moment on the customer's clock."""
    return await _or_bug(
        workflow.execute_local_activity_method(
            CalendarActivities.find_instant,
            wanted,
            summary=f"when is {wanted.date or wanted.weekday} {wanted.time}",
            start_to_close_timeout=DATABASE_TIMEOUT,
            retry_policy=PROMPT,
        )
    )


async def _or_bug(call: Awaitable[T]) -> T:
    try:
        return await call
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        raise JourneyBugError(f"{error.activity_type} cannot succeed: {error.cause}") from error
