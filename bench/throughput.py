"""Journeys completed in a second, beside two hand-written opponents on the same server in the same run.

All three make the same four waits and three sends, from the same process. (a) is the product: the real gate,
a SQLite file, a provider that accepts at once, started through the outbox. (b) is a workflow with the waits
and the sends alone. (c) is (b) with a ledger of its own: as many rows in the same tables, two transactions a send, and
a final record. All run on the product's runner and converter of payloads, which are faster than the SDK's own. The
rounds go a b c a b c, so that whatever else the machine does hits all alike.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from sqlmodel import Session, SQLModel, func, select
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from activities.clock import JourneyClock
from activities.storage.database import Database
from activities.storage.tables import CountChange, Enrollment, Message, ShortLink, TimelineEntry, Voucher
from bench import accepting, minimal
from bench.figures import Spread, ratio
from bench.hand_ledger import HandLedger
from bench.stage import product, temporal_server
from worker.rehearsal.scenario import Event, Scenario
from worker.sandbox import journey_runner
from worker.worker_process import build_worker

JOURNEY = "data-collection-voucher"
MORNING = datetime(2027, 3, 30, 9, 30, tzinfo=UTC)  # the window stays open throughout
WAIT_SECONDS = 1
AT_ONCE = 50  # starts under way at a time
DEADLINE = 600
NAMES = {
    "a": "Sojourn",
    "b": "by hand, the same waits and sends",
    "c": "by hand, with the same ledger writes, too",
}
LEDGER_ROWS: dict[type[SQLModel], int] = {Message: 3, TimelineEntry: 15, CountChange: 19, ShortLink: 1, Voucher: 1}
TARGETS = {"b": 0.7, "c": 0.85}


@dataclass(frozen=True)
class _Round:
    """One contestant's round: journeys a second, and CPU milliseconds of this process for each."""

    a_second: float
    cpu_milliseconds: float


@dataclass(frozen=True)
class Measured:
    """What one contestant reached over the rounds.

    Attributes:
        a_second: journeys completed in a second.
        cpu: milliseconds of CPU time that the process of its worker took for a journey; it says more than the
            rate on a machine that has other things to do.
    """

    a_second: Spread
    cpu: Spread


class _Watch:
    """Reads wall and CPU time since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self, journeys: int) -> _Round:
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return _Round(journeys / wall, 1000 * cpu / journeys)


async def ours(client: Client, folder: Path, journeys: int) -> "_Round":
    """The product."""
    clock = JourneyClock(datetime.now(UTC), MORNING)
    async with product(client, folder, clock, f"ours-{uuid4().hex[:8]}") as system:
        enrollments = [await system.enroll(JOURNEY, _scenario(number)) for number in range(journeys)]
        handles = [client.get_workflow_handle(f"{JOURNEY}/{each}") for each in enrollments]
        async with build_worker(client, system.parts, system.task_queue):
            watch = _Watch()
            await system.carry()
            await _all_ended(handles)
            found = watch.read(journeys)
        _require_same_path(system.database, enrollments)
        _require_same_rows(system.database, journeys)
    return found


async def waits_and_sends(client: Client, folder: Path, journeys: int) -> "_Round":  # noqa: ARG001 - as the others
    """Opponent b."""
    queue = f"minimal-{uuid4().hex[:8]}"
    async with _worker(client, queue, minimal.Minimal, minimal.send):
        return await _by_hand(client, queue, "minimal", journeys)


async def with_ledger(client: Client, folder: Path, journeys: int) -> "_Round":
    """Opponent c."""
    queue = f"ledger-{uuid4().hex[:8]}"
    database = Database(f"sqlite:///{folder / f'{queue}.db'}")
    database.create_all()
    ledger = HandLedger(database)
    try:
        for number in range(journeys):
            await ledger.prepare(f"{queue}/{number}", f"customer-{number}")
        async with _worker(client, queue, minimal.WithLedger, ledger.send_with_ledger, ledger.record_end):
            found = await _by_hand(client, queue, "with-ledger", journeys)
        _require_same_rows(database, journeys)
    finally:
        database.close()
    return found


CONTESTANTS = {"a": ours, "b": waits_and_sends, "c": with_ledger}


async def run(*, journeys: int, rounds: int) -> bool:
    """Measure and print.

    Args:
        journeys: at once, a round.
        rounds: of each contestant.

    Returns:
        Whether both ratios are reached.
    """
    print(f"Journeys completed a second, {journeys} at once; median of {rounds} rounds (least–most):")
    with TemporaryDirectory() as folder:
        found = await measure(Path(folder), journeys=journeys, rounds=rounds)
    good = True
    for name, measured in found.items():
        line = f"{name}  {NAMES[name]:42} {measured.a_second:.1f}   CPU of the worker {measured.cpu:.0f} ms a journey"
        if name in TARGETS:
            share = ratio(found["a"].a_second, measured.a_second)
            reached = share.median >= TARGETS[name]
            good = good and reached
            line += f"   a/{name} {share:.2f}, at least {TARGETS[name]}: {'reached' if reached else 'MISSED'}"
        print(line)
    print(f"\nRegistrations a second, {journeys} at once; median of {rounds} rounds (least–most):")
    with TemporaryDirectory() as folder:
        taken_in = await accepting.measure(Path(folder), registrations=journeys, rounds=rounds)
    for what, figures in (("accepted by the API", taken_in.accepted), ("started through the outbox", taken_in.started)):
        print(f"{what:28} {figures:.0f}   {ratio(figures, taken_in.bare):.2f} of bare")
    print(f"{'bare start_workflow calls':28} {taken_in.bare:.0f}")
    return good


async def measure(folder: Path, *, journeys: int, rounds: int) -> dict[str, "Measured"]:
    """What each contestant reaches.

    Args:
        folder: for databases; thrown away by the caller.
        journeys: at once, a round.
        rounds: of each contestant.
    """
    found: dict[str, list[_Round]] = {name: [] for name in CONTESTANTS}
    async with temporal_server(folder) as (client, _):
        for contestant in CONTESTANTS.values():  # the first round of a process pays for imports and caches
            await contestant(client, folder, min(journeys, 20))
        for number in range(rounds):
            for name, contestant in CONTESTANTS.items():
                found[name].append(await contestant(client, folder, journeys))
            latest = "  ".join(f"{name} {rounds_[-1].a_second:.1f}" for name, rounds_ in found.items())
            print(f"  round {number + 1}: {latest}", flush=True)
    return {
        name: Measured(Spread([each.a_second for each in rounds_]), Spread([each.cpu_milliseconds for each in rounds_]))
        for name, rounds_ in found.items()
    }


def _scenario(number: int) -> Scenario:
    return Scenario(
        start=MORNING,
        customer={
            "id": f"c{number}",
            "first_name": "Ada",
            "email": f"ada{number}@example.com",
            "phone": f"+420601{number:06d}",
            "timezone": "Europe/London",
        },
        trigger=Event("account.registered", {}),
        parameters=dict.fromkeys(("first_wait", "reminder_wait", "promise_wait"), f"PT{WAIT_SECONDS}S"),
        vouchers={"profile-reward": (f"BENCH-{number}",)},
    )


def _require_same_path(database: Database, enrollments: list[str]) -> None:
    """A path with fewer sends would be quicker, and the comparison void."""
    rows = database.read_now(lambda session: [session.get_one(Enrollment, each) for each in enrollments])
    if any(row.outcome != "not complete" for row in rows):
        raise RuntimeError(f"not the path that is measured: {sorted({row.outcome or 'open' for row in rows})}")


def _require_same_rows(database: Database, journeys: int) -> None:
    """The ledgers are compared only if they say as much."""

    def counted(session: Session) -> dict[str, int]:
        return {table.__name__: session.exec(select(func.count()).select_from(table)).one() for table in LEDGER_ROWS}

    expected = {table.__name__: each * journeys for table, each in LEDGER_ROWS.items()}
    if (found := database.read_now(counted)) != expected:
        raise RuntimeError(f"not the rows that are compared: {found} for {journeys} journeys")


def _worker(client: Client, queue: str, workflow: type, *activities: Callable[..., object]) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=[workflow],
        activities=activities,
        workflow_runner=journey_runner(),
        max_concurrent_activities=100,
        max_concurrent_local_activities=100,
    )


async def _by_hand(client: Client, queue: str, workflow: str, journeys: int) -> "_Round":
    places = asyncio.Semaphore(AT_ONCE)

    async def start(number: int) -> WorkflowHandle[object, object]:
        async with places:
            return await client.start_workflow(
                workflow,
                minimal.Entry(f"customer-{number}", WAIT_SECONDS),
                id=f"{queue}/{number}",
                task_queue=queue,
            )

    watch = _Watch()
    handles = await asyncio.gather(*map(start, range(journeys)))
    await _all_ended(handles)
    return watch.read(journeys)


async def _all_ended(handles: "list[WorkflowHandle[object, object]]") -> None:
    async with asyncio.timeout(DEADLINE):
        await asyncio.gather(*(handle.result() for handle in handles))
