"""When a failed activity is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.common import RetryPolicy
from temporalio.exceptions import RetryState

from worker.rehearsal.retries import retry_delay

NOW = datetime(2027, 3, 27, tzinfo=UTC)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 1), (2, 2), (7, 64), (8, 100), (10_000, 100)])
def test_the_default_policy(attempt: int, seconds: int) -> None:
    """Without a policy of its own an activity is tried as on a server, ever more rarely and without end."""
    delay = retry_delay(Failure(), RetryPolicy(), attempt=attempt, now=NOW, expires=None)
    assert delay == timedelta(seconds=seconds)


def test_the_last_instant_still_counts() -> None:
    """An attempt at the very end of its time is made; one after it is not."""
    expires = NOW + timedelta(seconds=1)
    on_time = retry_delay(Failure(), RetryPolicy(), attempt=1, now=NOW, expires=expires)
    late = retry_delay(Failure(), RetryPolicy(), attempt=2, now=NOW, expires=expires)
    assert (on_time, late) == (timedelta(seconds=1), RetryState.TIMEOUT)


def test_a_cancellation_is_not_retried() -> None:
    """An activity that was cancelled or terminated inside stays so."""
    cancelled, terminated = Failure(), Failure()
    cancelled.canceled_failure_info.SetInParent()
    terminated.terminated_failure_info.SetInParent()
    for failure in (cancelled, terminated):
        verdict = retry_delay(failure, RetryPolicy(), attempt=1, now=NOW, expires=None)
        assert verdict is RetryState.NON_RETRYABLE_FAILURE
