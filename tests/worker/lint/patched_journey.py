"""A journey changed while customers are inside, in the way that lets them finish as they began."""

from temporalio import workflow

from workflows.data_collection_voucher import DataCollectionVoucher
from workflows.journey import Enrollment, Outcome


@workflow.defn(name="data-collection-voucher")
class DayOfRest(DataCollectionVoucher):
    """Somebody found the first reminder too early; who is inside keeps the pace they entered with."""

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        """One more wait, for those who enter from now on."""
        if workflow.patched("a-day-of-rest"):
            await self.wait(days=1, why="a day of rest")
        outcome: Outcome = await DataCollectionVoucher.run.__wrapped__(self, enrollment)  # type: ignore[attr-defined] # functools.wraps keeps it there
        return outcome
