"""Journeys' records: the storage side of the contract in `activities/records.py`."""

from sqlmodel import Session

from activities.facts import Hold
from activities.records import Ending, HoldRequest
from activities.storage import trail, vouchers
from activities.storage.database import Database
from activities.storage.enrolled import end, locked, set_hold
from activities.timeline import Trail


class DatabaseRecords:
    """Writes what journeys tell.

    Args:
        database: where to.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, kept: Trail) -> None:
        """Write timeline entries; entries already there stay as they are."""

        def transaction(session: Session) -> None:
            enrollment, _ = locked(session, kept.enrollment_id)
            trail.keep(session, enrollment, kept.entries)

        await self._database.write(transaction)

    async def finish(self, ending: Ending) -> None:
        """Settle an enrollment and give back what it had reserved. The first record of an end stands."""

        def transaction(session: Session) -> None:
            enrollment, _ = locked(session, ending.trail.enrollment_id)
            if enrollment.state == "ended":
                return
            trail.keep(session, enrollment, ending.trail.entries)
            vouchers.release(session, enrollment.id)
            end(session, enrollment, ending.outcome, ending.reason, ending.at)

        await self._database.write(transaction)

    async def hold(self, request: HoldRequest) -> Hold:
        """Hold or resume; the answer is the new snapshot, which the workflow has as it asked."""

        def transaction(session: Session) -> Hold:
            enrollment, _ = locked(session, request.enrollment_id)
            hold = set_hold(session, enrollment, held=request.held, reason=request.reason)
            enrollment.hold_seen = hold.version
            return hold

        return await self._database.write(transaction)
