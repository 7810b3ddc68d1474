"""When a failed activity is tried again: the server's rules, over virtual time."""

from datetime import datetime, timedelta

from temporalio.api.failure.v1 import Failure
from temporalio.common import RetryPolicy
from temporalio.exceptions import RetryState


def retry_delay(
    failure: Failure, policy: RetryPolicy, *, attempt: int, now: datetime, expires: datetime | None
) -> timedelta | RetryState:
    """Decide whether a failed attempt is followed by another.

    The order of the tests and the strict comparison with `expires` are those of the server's `RetryActivity`.

    Args:
        failure: what the attempt failed with.
        policy: the activity's; a missing maximum interval is a hundred times the initial one.
        attempt: the number of the attempt that failed, from 1.
        now: the instant it failed.
        expires: the end of schedule-to-close, if it has one.

    Returns:
        The time to the next attempt, or why there is none.
    """
    if not _retryable(failure, policy):
        return RetryState.NON_RETRYABLE_FAILURE
    if 0 < policy.maximum_attempts <= attempt:
        return RetryState.MAXIMUM_ATTEMPTS_REACHED
    delay = _backoff(failure, policy, attempt)
    if expires is not None and delay > expires - now:
        return RetryState.TIMEOUT
    return delay


def _retryable(failure: Failure, policy: RetryPolicy) -> bool:
    if failure.HasField("canceled_failure_info") or failure.HasField("terminated_failure_info"):
        return False
    if failure.HasField("application_failure_info"):
        error = failure.application_failure_info
        return not error.non_retryable and error.type not in (policy.non_retryable_error_types or ())
    return True


def _backoff(failure: Failure, policy: RetryPolicy, attempt: int) -> timedelta:
    if failure.application_failure_info.HasField("next_retry_delay"):
        return failure.application_failure_info.next_retry_delay.ToTimedelta()
    longest = policy.maximum_interval or policy.initial_interval * 100
    try:
        return min(policy.initial_interval * policy.backoff_coefficient ** (attempt - 1), longest)
    except OverflowError:  # of the power, or of the product
        return longest
