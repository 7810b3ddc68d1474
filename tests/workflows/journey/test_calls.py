"""How often journeys ask again for what is away."""

from datetime import timedelta

import pytest
from temporalio.common import RetryPolicy

from activities.gate.gate import GateLimits
from workflows.journey import calls

BACK = timedelta(seconds=60)  # whatever was away is back for everybody after that time (guarantees I11)
HEARING = timedelta(seconds=30)  # of it, for a busy machine to do what was asked for


@pytest.mark.parametrize("policy", [calls.PATIENT, calls.PROMPT])
def test_nobody_waits_long_for_what_is_back(policy: RetryPolicy) -> None:
    """However long a database or a provider was away, customers go on within a minute of its return."""
    assert policy.maximum_attempts == 0
    assert policy.maximum_interval is not None
    assert policy.maximum_interval + HEARING <= BACK


def test_a_slow_provider_is_waited_for() -> None:
    """A customer gets one message where a provider takes its time: Temporal asks again only after it has answered."""
    limits = GateLimits()
    assert limits.call < limits.lease < calls.SEND_TIMEOUT


def test_a_system_that_is_back_after_days_is_called_within_the_hour() -> None:
    """A developer whose own system was down for days has its calls an hour after it is back, and no flood before."""
    assert calls.GENTLE.maximum_attempts == 0
    assert calls.GENTLE.maximum_interval == timedelta(hours=1)
