"""The pulse of a worker process: it notices that the process slept, and sends nothing it was told before.

An activity reckons its time from the instant at which Temporal handed it out. A process that is stopped between that
instant and the activity's first line would take the old instant for now, and could write to a customer whose
evening has begun meanwhile (guarantees A9).
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta

from activities.gate.attempts import try_again
from activities.moments import Moment, moment_of_activity

log = logging.getLogger(__name__)

BEAT = 0.5  # seconds
SLEEP = 2.0  # seconds without a beat that count as sleep
WAKING = 3.0  # seconds within which everything that lay in the process has come forward


class Pulse:
    """Beats while the process is awake.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_beat: float | None = None
        self._woke_at = float("-inf")

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            self.beat()
            await asyncio.sleep(BEAT)

    def beat(self) -> None:
        """Note that the process is awake, and whether it was not."""
        now = self._clock()
        if self._last_beat is not None and now - self._last_beat > SLEEP:
            slept = now - self._last_beat
            log.warning("the process slept for %.1f s; what it was told before is asked for again", slept)
            self._woke_at = now
        self._last_beat = now

    def moment(self) -> Moment:
        """What time it is for an activity that begins now.

        Raises:
            ApplicationError: retryable; the process has just woken up, and nobody knows how old the task is.
        """
        self.beat()
        if self._clock() - self._woke_at < WAKING:
            raise try_again("the worker has just woken up", timedelta(seconds=WAKING))
        return moment_of_activity()
