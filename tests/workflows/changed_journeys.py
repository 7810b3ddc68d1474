"""Versions of a journey as a careless developer might ship them; they exist only to be caught by replay."""

from temporalio import workflow

from workflows.data_collection_voucher import DataCollectionVoucher
from workflows.journey import SMS, Channel, Enrollment, Outcome, Receipt

NAME = "data-collection-voucher"


async def _as_before(journey: DataCollectionVoucher, enrollment: Enrollment) -> Outcome:
    """What the journey's own `run` does."""
    before = DataCollectionVoucher.run.__wrapped__  # type: ignore[attr-defined] # functools.wraps keeps it there
    outcome: Outcome = await before(journey, enrollment)
    return outcome


@workflow.defn(name=NAME)
class OneMoreWait(DataCollectionVoucher):
    """Somebody found the first reminder too early."""

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        await self.wait(days=1, why="a day of rest")
        return await _as_before(self, enrollment)


@workflow.defn(name=NAME)
class OneMoreMessage(DataCollectionVoucher):
    """Somebody wanted the reminder by text, too."""

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        return await _as_before(self, enrollment)

    async def remind(self) -> tuple[Channel | None, Receipt | None]:
        channel, reminder = await super().remind()
        await self.send(SMS, "complete-your-account")
        return channel, reminder


@workflow.defn(name=NAME)
class MessageBeforeVoucher(DataCollectionVoucher):
    """Somebody swapped two lines: the message leaves, and then the voucher is assigned."""

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        return await _as_before(self, enrollment)

    async def offer(self, channel: Channel) -> Outcome | None:
        await self.promise_voucher(channel)
        await self.wait(self.promise_wait, why=f"time to act on the {channel} offer")
        if not await self.check(self.complete):
            return None
        await self.send(channel, "your-voucher")
        await self.assign_voucher(self.voucher)
        return self.end(f"rewarded by {channel}")


@workflow.defn(name=NAME)
class NoReminder(DataCollectionVoucher):
    """Somebody dropped the reminder."""

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        return await _as_before(self, enrollment)

    async def remind(self) -> tuple[Channel | None, Receipt | None]:
        return await self.first_reachable(SMS), None


@workflow.defn(name=NAME)
class OtherWords(DataCollectionVoucher):
    """Somebody changed the words of an end, which no replay minds."""

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:
        return await _as_before(self, enrollment)

    def end(self, outcome: str, reason: str = "") -> Outcome:
        return super().end(outcome.upper(), reason)


BREAKING = (OneMoreWait, OneMoreMessage, MessageBeforeVoucher, NoReminder)
