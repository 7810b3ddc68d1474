"""The opponents: what a careful developer would write by hand for the same four waits and three sends.

None of them knows consent, windows, holds, opt-outs, retries without doubles, or what to tell support.
"""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow

TIMEOUT = timedelta(seconds=60)
SENDS = ("complete-your-account", "voucher-offer", "voucher-offer-sms")


@dataclass(frozen=True)
class Entry:
    """What a hand-written journey is started with."""

    customer_id: str
    wait_seconds: float


@dataclass(frozen=True)
class Order:
    """One message of a hand-written journey."""

    workflow_id: str
    customer_id: str
    step: str


@workflow.defn(name="minimal")
class Minimal:
    """The waits and the sends, nothing else."""

    @workflow.run
    async def run(self, entry: Entry) -> str:
        """Wait, send, three times; wait."""
        for step in SENDS:
            await workflow.sleep(entry.wait_seconds)
            await _send("send", entry, step)
        await workflow.sleep(entry.wait_seconds)
        return "not complete"


@workflow.defn(name="with-ledger")
class WithLedger:
    """The same, and every send is claimed and settled in a database; so is the end."""

    @workflow.run
    async def run(self, entry: Entry) -> str:
        """Wait, send, three times; wait; record."""
        for step in SENDS:
            await workflow.sleep(entry.wait_seconds)
            await _send("send_with_ledger", entry, step)
        await workflow.sleep(entry.wait_seconds)
        await workflow.execute_local_activity(
            "record_end", Order(workflow.info().workflow_id, entry.customer_id, "end"), start_to_close_timeout=TIMEOUT
        )
        return "not complete"


@workflow.defn(name="naive")
class Naive:
    """As in many tutorials: each check asks the database by an activity."""

    @workflow.run
    async def run(self, entry: Entry) -> str:
        """Wait, check, send, three times; wait, check."""
        for step in SENDS:
            await workflow.sleep(entry.wait_seconds)
            await self._complete(entry)
            await _send("send", entry, step)
        await workflow.sleep(entry.wait_seconds)
        await self._complete(entry)
        return "not complete"

    async def _complete(self, entry: Entry) -> bool:
        found: bool = await workflow.execute_activity(
            "is_complete", entry.customer_id, start_to_close_timeout=TIMEOUT, result_type=bool
        )
        return found


async def _send(activity_name: str, entry: Entry, step: str) -> str:
    order = Order(workflow.info().workflow_id, entry.customer_id, step)
    sent: str = await workflow.execute_activity(
        activity_name, order, start_to_close_timeout=TIMEOUT, result_type=str, summary=step
    )
    return sent


@activity.defn(name="send")
async def send(order: Order) -> str:
    """A provider that accepts at once."""
    return order.step


@activity.defn(name="is_complete")
async def is_complete(customer_id: str) -> bool:
    """A profile that never is."""
    return not customer_id
