"""Failures as a server hands them to a workflow, and as a person reads them."""

from temporalio import activity
from temporalio.api.enums.v1 import RetryState as RetryStateProto
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import RetryState


def activity_failed(info: activity.Info, state: RetryState, cause: Failure) -> Failure:
    """What a workflow gets for an activity that will not be tried again; an `ActivityError` there."""
    return _of_activity("Activity task failed", info, state, cause)


def activity_cancelled(info: activity.Info) -> Failure:
    """What a workflow gets for an activity that it cancelled; an `ActivityError` with that cause."""
    cause = Failure(message="Cancelled")
    cause.canceled_failure_info.SetInParent()
    return _of_activity("Activity cancelled", info, RetryState.CANCEL_REQUESTED, cause)


def _of_activity(message: str, info: activity.Info, state: RetryState, cause: Failure) -> Failure:
    failure = Failure(message=message, cause=cause)
    failure.activity_failure_info.activity_id = info.activity_id
    failure.activity_failure_info.activity_type.name = info.activity_type
    failure.activity_failure_info.retry_state = RetryStateProto.ValueType(state)
    return failure


def traceback_text(failure: Failure) -> str:
    """The failure, where it was raised and what caused it."""
    kind = failure.application_failure_info.type
    text = f"{kind}: {failure.message}" if kind else failure.message
    if failure.stack_trace:
        text += "\n" + failure.stack_trace.rstrip()
    return f"{text}\ncaused by {traceback_text(failure.cause)}" if failure.HasField("cause") else text
