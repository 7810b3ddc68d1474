"""A worker that slept asks anew instead of acting on what it was told before."""

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from worker.pulse import SLEEP, WAKING, Pulse


async def test_a_task_from_before_the_sleep_is_asked_for_again() -> None:
    """A message handed out before a laptop was closed is judged by the time at which it was opened."""
    now = 100.0
    pulse = Pulse(lambda: now)
    environment = ActivityEnvironment()
    assert environment.run(pulse.moment)() is not None
    now += SLEEP + 0.1
    with pytest.raises(ApplicationError, match="woken up"):
        environment.run(pulse.moment)
    now += WAKING / 2
    pulse.beat()
    with pytest.raises(ApplicationError):
        environment.run(pulse.moment)
    now += WAKING / 2
    assert environment.run(pulse.moment)() is not None
