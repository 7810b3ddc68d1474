"""What time it is inside an activity."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import activity

# Asks for the wall-clock instant, UTC. Under a server that skips time it is the server's time, so that an
# activity and its workflow never disagree; hence never `datetime.now()`.
Moment = Callable[[], datetime]


def moment_of_activity() -> Moment:
    """A clock that starts at the server's start time of the running activity and ticks from there."""
    started = activity.info().started_time
    entered = time.monotonic()
    return lambda: started + timedelta(seconds=time.monotonic() - entered)
