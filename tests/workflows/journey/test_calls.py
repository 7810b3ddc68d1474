"""How often journeys ask again for what is away."""

from datetime import timedelta

import pytest
from temporalio.common import RetryPolicy

from workflows.journey import calls

BACK = timedelta(seconds=60)  # whatever was away is back for everybody after that time (guarantees I11)
HEARING = timedelta(seconds=30)  # of it, for a busy machine to do what was asked for


@pytest.mark.parametrize("policy", [calls.PATIENT, calls.PROMPT])
def test_nobody_waits_long_for_what_is_back(policy: RetryPolicy) -> None:
    """However long a database or a provider was away, customers go on within a minute of its return."""
    assert policy.maximum_attempts == 0
    assert policy.maximum_interval is not None
    assert policy.maximum_interval + HEARING <= BACK
