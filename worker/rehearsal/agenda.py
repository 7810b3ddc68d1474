"""A virtual clock and what is due on it."""

import heapq
import itertools
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum


class Rank(IntEnum):
    """Who goes first among those due at the same instant."""

    OUTSIDE = 0  # the world: a timer that ends at that instant must find what it did
    INSIDE = 1  # timers of the workflow and retries of its activities


@dataclass(eq=False)
class Due:
    """Something that will be done.

    Attributes:
        do: does it.
        owner: the run that it belongs to and ends with; None if it outlives every run.
        called_off: set to keep it from being done.
    """

    do: Callable[[], Awaitable[None] | None]
    owner: str | None = None
    called_off: bool = False


class Agenda:
    """What is due, by virtual time; at the same instant by rank, then in the order of planning.

    Args:
        start: where the clock begins, any aware datetime.

    Attributes:
        now: the virtual instant, UTC; it moves only in `next`.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("start must be aware")
        self.now = start.astimezone(UTC)
        self._ready: deque[Due] = deque()
        self._later: list[tuple[datetime, Rank, int, Due]] = []
        self._count = itertools.count()

    def soon(self, due: Due) -> None:
        """Plan for this very instant: behind what waits for it already, before all that has a time."""
        self._ready.append(due)

    def at(self, when: datetime, rank: Rank, due: Due) -> None:
        """Plan for an instant.

        Raises:
            ValueError: `when` is naive or past.
        """
        if when.tzinfo is None:
            raise ValueError("when must be aware")
        if when < self.now:
            raise ValueError(f"{when.isoformat()} is past, now is {self.now.isoformat()}")
        heapq.heappush(self._later, (when.astimezone(UTC), rank, next(self._count), due))

    def after(self, delay: timedelta, rank: Rank, due: Due) -> None:
        """Plan for the instant `delay` from now."""
        self.at(later(self.now, delay), rank, due)

    def next(self, until: datetime | None = None) -> Due | None:
        """Take out what comes next and move the clock to it; None if nothing does, or nothing until that instant."""
        while self._ready:
            due = self._ready.popleft()
            if not due.called_off:
                return due
        while self._later and (until is None or self._later[0][0] <= until):
            when, _, _, due = heapq.heappop(self._later)
            if not due.called_off:
                self.now = when
                return due
        return None

    def call_off(self, owner: str) -> None:
        """Call off all that belongs to a run."""
        for due in itertools.chain(self._ready, (entry[3] for entry in self._later)):
            if due.owner == owner:
                due.called_off = True


def later(now: datetime, delay: timedelta) -> datetime:
    """The instant `delay` after an aware one, or the calendar's last."""
    try:
        return now + delay
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
