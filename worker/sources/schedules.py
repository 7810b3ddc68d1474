"""Imports on a Temporal Schedule: a schedule for each source, seen and paused in the Temporal UI like any other."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import Priority
from temporalio.service import RPCError, RPCStatusCode

from activities.storage.outbox import BULK
from worker.sources.workflow import NAME, ImportFromSource


@dataclass(frozen=True)
class Planned:
    """What Temporal says of a schedule.

    Attributes:
        next_at: when it runs again, wall clock, UTC; None where it does not.
        paused: whether somebody paused it in the Temporal UI.
        running: whether a run is under way.
    """

    next_at: datetime | None
    paused: bool
    running: bool


async def plan(client: Client, source: str, every: timedelta, task_queue: str) -> bool:
    """Run a source now and then again and again; change its schedule, if there is one. A pause stays.

    A run that is still under way when the next is due has it skipped.

    Args:
        client: of Temporal.
        source: its name.
        every: from one run to the next.
        task_queue: of the workers.

    Returns:
        Whether the schedule is new.
    """
    action = ScheduleActionStartWorkflow(
        ImportFromSource.run,
        source,
        id=schedule_id(source),
        task_queue=task_queue,
        static_summary=f"import from {source}",
        priority=Priority(priority_key=BULK),
    )
    schedule = Schedule(
        action=action,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=every),
    )

    def changed(given: ScheduleUpdateInput) -> ScheduleUpdate:
        kept: ScheduleState = given.description.schedule.state
        return ScheduleUpdate(Schedule(action, schedule.spec, schedule.policy, kept))

    try:
        await client.create_schedule(schedule_id(source), schedule, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        await handle_of(client, source).update(changed)
        return False
    return True


async def look_up(client: Client, sources: Sequence[str]) -> dict[str, Planned]:
    """The schedules of sources, by name; one that was deleted in Temporal is missing."""
    found = {}
    for source in sources:
        with _gone_is_fine():
            told = await handle_of(client, source).describe()
            next_at = told.info.next_action_times[0] if told.info.next_action_times else None
            found[source] = Planned(next_at, told.schedule.state.paused, bool(told.info.running_actions))
    return found


async def unplan(client: Client, source: str) -> None:
    """Remove the schedule of a source, if there is one; a run that is under way ends at its next page."""
    with _gone_is_fine():
        await handle_of(client, source).delete()


def handle_of(client: Client, source: str) -> ScheduleHandle:
    """The schedule of a source."""
    return client.get_schedule_handle(schedule_id(source))


def schedule_id(source: str) -> str:
    """The id of the schedule of a source."""
    return f"{NAME}/{source}"


@contextlib.contextmanager
def _gone_is_fine() -> Iterator[None]:
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
