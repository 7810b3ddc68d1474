"""What each path of the journeys costs: history events and billed actions, beside two hand-written forms.

Every scenario that the tests have of the two journeys is lived on a plain dev server, no time skipped
(skipping adds events of its own), on a journey clock on which a day takes two seconds; no spread. A path that
came out otherwise than the scenario promises, because the machine was too busy for so fast a clock, is lived
again on a slower one.

Signals (a changed profile, a hold) come from outside and are counted apart.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from sqlmodel import Session
from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import Worker

from activities.channels import Channel
from activities.clock import JourneyClock
from activities.delivery import Deduplication, Delivery, Provider, Unavailable, Verdict
from activities.storage.tables import Customer, Enrollment
from activities.storage.timeline_view import entries
from bench import minimal
from bench.counting import Cost, cost_of
from bench.stage import Product, product, temporal_server
from tests.scenarios import Branch, branches
from worker.rehearsal.happenings import happen
from worker.rehearsal.provider import RehearsedProvider
from worker.rehearsal.scenario import Happening, ProviderResult
from worker.worker_process import build_worker

JOURNEYS = ("data-collection-points", "data-collection-voucher")
SPEED = 43200  # a day in two seconds
SLOWER = (1, 2, 6)
AT_ONCE = 10
DEADLINE = 600


@dataclass(frozen=True)
class Limit:
    """At most so much, fact signals apart."""

    events: int
    actions: int

    def kept(self, cost: Cost) -> bool:
        """Whether a path stays below."""
        return cost.events <= self.events and cost.actions <= self.actions


LIMITS = {
    "data-collection-voucher/not-complete-email-and-sms": Limit(47, 11),  # 4 waits, 3 sends, window open
    "data-collection-voucher/rewarded-by-sms": Limit(61, 13),
}


class ImpatientProvider(RehearsedProvider):
    """Answers by the scenario; its `Retry-After` counts journey time, or an hour would really be one.

    Args:
        result: its answer.
        speed: of the journey clock.
    """

    deduplication = Deduplication.NONE

    def __init__(self, result: ProviderResult, speed: float) -> None:
        super().__init__(result)
        self._speed = speed

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Answer."""
        verdict = await super().deliver(delivery)
        if isinstance(verdict, Unavailable) and verdict.retry_after:
            return Unavailable(verdict.reason, verdict.retry_after / self._speed)
        return verdict


async def run() -> bool:
    """Measure and print.

    Returns:
        Whether every limit is kept.
    """
    with TemporaryDirectory() as folder:
        async with temporal_server(Path(folder)) as (client, _):
            paths = await _all_paths(client, Path(folder))
            by_hand = {
                "by hand: the waits and the sends alone": await _by_hand(client, minimal.Minimal),
                "by hand: a check activity after every wait": await _by_hand(client, minimal.Naive),
            }
    return _report(paths, by_hand)


async def _all_paths(client: Client, folder: Path) -> dict[str, Cost | None]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(branch: Branch) -> tuple[str, Cost | None]:
        async with places:
            for slower in SLOWER:
                cost = await _live(client, folder, branch, SPEED / slower)
                if cost is not None:
                    return str(branch), cost
        return str(branch), None

    chosen = [branch for branch in branches() if branch.journey in JOURNEYS]
    return dict(await asyncio.gather(*map(one, chosen)))


async def _live(client: Client, folder: Path, branch: Branch, speed: float) -> Cost | None:
    """Live one branch; None if the machine was too slow for the clock, so that it took another path."""
    clock = JourneyClock(datetime.now(UTC), branch.scenario.start, speed)
    providers: dict[Channel, Provider] = {
        channel: ImpatientProvider(branch.scenario.providers.get(channel, ProviderResult.ACCEPTED), speed)
        for channel in Channel
    }
    async with product(client, folder, clock, f"{branch.name}-{uuid4().hex[:8]}", providers) as system:
        async with build_worker(client, system.parts, system.task_queue), asyncio.timeout(DEADLINE):
            enrollment_id = await system.enroll(branch.journey, branch.scenario)
            await system.carry()
            handle = client.get_workflow_handle(f"{branch.journey}/{enrollment_id}")
            ended = asyncio.create_task(_over(handle.result()))
            for happening in sorted(branch.scenario.then, key=lambda each: each.at):
                await _until(clock.wall(happening.at), ended)
                await _let_happen(system, enrollment_id, happening)
            await ended
            history = await handle.fetch_history()
        return cost_of(history.events) if _as_promised(system, enrollment_id, branch) else None


async def _over(result: Awaitable[object]) -> None:
    with suppress(WorkflowFailureError):  # cancelled, as the scenario says
        await result


async def _until(wall: datetime, ended: "asyncio.Task[None]") -> None:
    left = (wall - datetime.now(UTC)) / timedelta(seconds=1)
    if left > 0:
        await asyncio.wait({ended}, timeout=left)
        await asyncio.sleep(max((wall - datetime.now(UTC)) / timedelta(seconds=1), 0))


async def _let_happen(system: Product, enrollment_id: str, happening: Happening) -> None:
    def transaction(session: Session) -> None:
        row = session.get_one(Enrollment, enrollment_id)
        happen(session, happening, "then", row, session.get_one(Customer, row.customer_id), system.admission)

    await system.database.write(transaction)
    await system.carry()


def _as_promised(system: Product, enrollment_id: str, branch: Branch) -> bool:
    row = system.database.read_now(lambda session: session.get_one(Enrollment, enrollment_id))
    timeline = system.database.read_now(lambda session: entries(session, enrollment_id))
    lived = [[entry["channel"], entry["template"], entry["result"]] for entry in timeline if entry["kind"] == "message"]
    return row.outcome == branch.outcome and branch.messages in (None, lived)


async def _by_hand(client: Client, workflow: type) -> Cost:
    queue = f"by-hand-{uuid4().hex[:8]}"
    activities: list[Callable[..., object]] = [minimal.send, minimal.is_complete]
    async with Worker(client, task_queue=queue, workflows=[workflow], activities=activities):
        handle = await client.start_workflow(
            workflow.__name__.lower(), minimal.Entry("c1", 0.2), id=queue, task_queue=queue
        )
        await asyncio.wait_for(handle.result(), DEADLINE)
        return cost_of((await handle.fetch_history()).events)


def _report(paths: dict[str, Cost | None], by_hand: dict[str, Cost]) -> bool:
    width = max(map(len, [*paths, *by_hand]))
    print(f"{'path':{width}}  events  actions  (start timers activities local upserts)  signals apart")
    good = True
    for name, cost in [*paths.items(), *by_hand.items()]:
        if cost is None:
            print(f"{name:{width}}  not lived as promised: the machine was too busy for the clock")
            good = False
            continue
        limit = LIMITS.get(name)
        verdict = "" if limit is None else f"  limit {limit.events} and {limit.actions}: "
        if limit is not None:
            verdict += "kept" if limit.kept(cost) else "EXCEEDED"
            good = good and limit.kept(cost)
        parts = f"{cost.starts:6} {cost.timers:6} {cost.activities:10} {cost.local_batches:5} {cost.upserts:7}"
        print(f"{name:{width}}  {cost.events:6}  {cost.actions:7}  {parts}   {cost.signals:7}{verdict}")
    for name in LIMITS.keys() - paths.keys():
        print(f"{name}: no such scenario, its limit was not checked")
        good = False
    return good
