"""One system with journeys in every state: the report, the picture, the rows and Temporal count the same."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from activities.clock import JourneyClock
from activities.storage.passage import START
from activities.storage.places import shown_at
from activities.storage.reports import JourneyReport, journey_report
from activities.storage.tables import Enrollment
from api.console.drawing import standing
from tests.courses import course
from tests.system import DEADLINE, System, running_system, until
from tests.workflows.entered import LONGEST, SHORT, branch_named
from worker.pictures import drawer
from worker.reconciler import Reconciler
from worker.rehearsal.scenario import Cancel, Happening, Hold, OptOut, What
from workflows import catalogue

JOURNEY = "data-collection-voucher"
WAIT = "time-to-act-on-the-reminder"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SOON = 30.0  # seconds within which Temporal's visibility shows what happened
TO_THE_END, AT_THE_REMINDER, AT_THE_START = SHORT, {"first_wait": "PT1S"}, dict[str, str]()


class Crowd:
    """Customers in one system.

    Args:
        system: a running one.
    """

    def __init__(self, system: System) -> None:
        self._system = system
        self._number = 0

    async def enter(self, parameters: dict[str, str], *, branch: str = LONGEST) -> str:
        """Let one more in; the enrollment's id."""
        self._number += 1
        found = branch_named(branch, parameters=parameters, quiet=True)
        own = {
            "id": f"c{self._number}",
            "email": f"c{self._number}@example.com",
            "phone": f"+4206011234{self._number:02}",
        }
        given = {name: value for name, value in own.items() if name in found.scenario.customer}
        scenario = replace(found.scenario, customer={**found.scenario.customer, **given})
        return await self._system.enter(replace(found, scenario=scenario))

    async def happens(self, enrollment_id: str, what: What) -> None:
        """Let something happen to one of them."""
        now = self._system.clock.at(datetime.now(UTC))
        await self._system.happen(enrollment_id, Happening(now, what))


async def visible(system: System, query: str) -> int:
    """How many workflows of this system Temporal counts."""
    counted = await system.client.count_workflows(f"TaskQueue = '{system.task_queue}' AND {query}")
    return counted.count


def rows_of(system: System) -> list[Enrollment]:
    """What the database has."""
    return list(system.database.read_now(lambda session: session.exec(select(Enrollment)).all()))


def report_of(system: System) -> JourneyReport:
    """What the report says."""
    return system.database.read_now(lambda session: journey_report(session, catalogue()[JOURNEY]))


async def test_the_same_is_counted_in_report_picture_database_and_temporal(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    """Whoever compares the report with the picture, the tables or the Temporal UI finds the same numbers everywhere."""
    clock = JourneyClock(datetime.now(UTC), branch_named(LONGEST).scenario.start)
    with server.with_time_skipping_disabled():
        async with running_system(server.client, tmp_path, clock=clock) as system:
            await compare(system)


async def compare(system: System) -> None:
    """Let a dozen in, bring them into every state, and count."""
    crowd = Crowd(system)
    to_the_end = [await crowd.enter(TO_THE_END) for _ in range(3)]
    complete = [await crowd.enter({}, branch=f"{JOURNEY}/complete-at-entry") for _ in range(2)]
    reminded = [await crowd.enter(AT_THE_REMINDER) for _ in range(2)]
    waiting = [await crowd.enter(AT_THE_START) for _ in range(2)]
    cancelled, held, terminated = [await crowd.enter(AT_THE_START) for _ in range(3)]
    left = await crowd.enter({**TO_THE_END, "first_wait": "PT3S"})
    await crowd.happens(cancelled, Cancel("asked by phone"))
    await crowd.happens(left, OptOut("email"))
    await crowd.happens(left, OptOut("sms"))
    await crowd.happens(held, Hold("under review"))
    for each in (*to_the_end, *complete, cancelled, left):
        await until(lambda each=each: system.row(each).state == "ended", within=DEADLINE, what="an end")  # type: ignore[misc] # bound now
    await until(lambda: all(map(system.messages, reminded)), within=DEADLINE, what="the reminders")
    await system.handle(terminated).terminate(reason="a complaint")
    await settled(system)

    report, rows = report_of(system), rows_of(system)
    inside = [row for row in rows if row.state != "ended"]
    assert len(inside) == len([*reminded, *waiting, held])

    at_steps = Counter(row.step or START for row in inside)
    assert {step.step: step.waiting for step in report.steps if step.waiting} == dict(at_steps)
    picture = drawer(catalogue())(JOURNEY, catalogue()[JOURNEY].resolve({}), frozenset())
    assert picture is not None
    assert standing(picture, at_steps).total() == len(inside)

    in_code = course(JOURNEY)
    shown = system.database.read_now(lambda session: journey_report(session, catalogue()[JOURNEY], course=in_code))
    at_places = Counter(shown_at(row.step or START, row.decided, in_code) for row in inside)
    assert {step.step: step.waiting for step in shown.steps if step.waiting} == dict(at_places)
    assert (at_places[WAIT], at_places["complete-your-account-email"]) == (len(reminded), 0)
    assert standing(picture, at_places)[WAIT] == len(reminded)

    ended = Counter(row.outcome for row in rows if row.state == "ended")
    assert dict(report.outcomes) == dict(ended)
    assert set(ended) == {"not complete", "complete at entry", "cancelled", "opted out", "terminated"}

    async def temporal_agrees() -> bool:
        by_outcome = {each: await visible(system, f"JourneyOutcome = '{each}'") for each in ended}
        by_outcome["terminated"] = await visible(system, "ExecutionStatus = 'Terminated'")
        running = await visible(system, f"JourneyName = '{JOURNEY}' AND ExecutionStatus = 'Running'")
        closed = await visible(system, "ExecutionStatus != 'Running'")
        return by_outcome == dict(report.outcomes) and (running, closed) == (len(inside), ended.total())

    await until(temporal_agrees, within=SOON, what="visibility to show what the report counts", every=0.2)


async def settled(system: System) -> None:
    """Wait until the reconciler has found the one that was terminated."""
    reconciler = Reconciler(system.database, system.client)

    async def found() -> bool:
        return await reconciler.settle_closed(LONG_AGO) == 1

    await until(found, within=SOON, what="the end to be on record")
