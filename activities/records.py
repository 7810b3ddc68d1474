"""The contract of records: where journeys write down what happened, and read what only the database knows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from temporalio import activity

from activities.facts import Hold
from activities.timeline import Trail


@dataclass(frozen=True)
class Ending:
    """The final record of a journey.

    Attributes:
        trail: the last timeline entries, the outcome's own among them.
        outcome: which end it was.
        reason: in whose words or why; empty where the outcome says it all.
        at: journey instant, UTC.
    """

    trail: Trail
    outcome: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class HoldRequest:
    """Staff hold or resume a journey from inside Temporal."""

    enrollment_id: str
    held: bool
    reason: str


class Records(Protocol):
    """The database, as far as journeys need it."""

    async def keep(self, kept: Trail) -> None:
        """Write timeline entries; entries already there stay as they are."""
        ...

    async def finish(self, ending: Ending) -> None:
        """Settle an enrollment and give back what it had reserved. The first record of an end stands."""
        ...

    async def hold(self, request: HoldRequest) -> Hold:
        """Hold or resume; the answer is the new snapshot."""
        ...


class RecordActivities:
    """Records, as Temporal sees them."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn(name="keep_trail")
    async def keep_trail(self, trail: Trail) -> None:
        """Write timeline entries."""
        await self._records.keep(trail)

    @activity.defn(name="finish")
    async def finish(self, ending: Ending) -> None:
        """Write the final record of a journey."""
        await self._records.finish(ending)

    @activity.defn(name="record_hold")
    async def record_hold(self, request: HoldRequest) -> Hold:
        """Write a hold or a resume that came through Temporal."""
        return await self._records.hold(request)
