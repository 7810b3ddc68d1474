"""A journey may go on in a fresh history: the customer notices nothing, nor does anyone who reads their timeline.

In real time, with short waits: the server (1.32) skips a continued run's time before its first task.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

import workflows
from activities.clock import JourneyClock
from activities.storage.intake import Admission
from activities.storage.tables import Message, PointsEntry
from tests.scenarios import Branch
from tests.system import System, rehearsed_providers, running_system, until
from tests.temporal import skipping_server
from tests.workflows.entered import branch_named
from tests.workflows.reminding_journey import ThreeReminders
from worker.rehearsal.rehearse import rehearse
from worker.sandbox import journey_runner
from worker.wiring import build_activities
from workflows.journey.search_attributes import CUSTOMER_ID, JOURNEY_NAME

# So few events that every wait but the first begins a new run.
SHORT_HISTORIES = "limit.historyCount.suggestContinueAsNew=8"
REMINDERS = "data-collection-voucher/not-complete-email-only"
SECONDS = {"first_wait": "PT1S", "reminder_wait": "PT1S", "promise_wait": "PT8S"}
LATE = timedelta(seconds=5)  # what a busy machine may add to a wait; the longest, begun anew, would add eight

# Path, and the second at which the customer completes the profile in the rehearsal.
PATHS = {
    "data-collection-voucher/rewarded-by-sms": 11,
    "data-collection-voucher/email-refused": None,
    "data-collection-voucher/fate-unknown": 3,
}


@pytest.fixture(scope="module")
async def forgetful() -> AsyncIterator[Client]:
    """Client of a server that suggests a fresh history again and again, and skips no time."""
    async with skipping_server(SHORT_HISTORIES) as environment:
        with environment.with_time_skipping_disabled():
            yield environment.client


async def test_a_journey_in_many_runs_is_the_journey_in_one(forgetful: Client, tmp_path: Path) -> None:
    """The timeline of a journey that went through several histories is that of one that did not, entry by entry."""
    for name in PATHS:
        (tmp_path / name).mkdir(parents=True)
    async with asyncio.TaskGroup() as tasks:  # one that fails leaves no other behind
        each = [tasks.create_task(_lived(forgetful, tmp_path / name, name)) for name in PATHS]
    for told in each:
        lived, rehearsed = told.result()
        assert lived == rehearsed


async def test_a_loop_in_many_runs_reminds_as_often_as_it_says(forgetful: Client, tmp_path: Path) -> None:
    """A step that is visited three times sends three messages, though each visit lies in a history of its own."""
    branch = branch_named(REMINDERS, parameters={"pause": "PT1S", "moments": False})
    async with _reminding(forgetful, tmp_path, branch, None) as (system, branch):
        enrollment_id = await system.enter(branch)
        await system.end(enrollment_id)
        assert await _was_continued(system, enrollment_id)
        _each_reminder_once(system)


async def test_a_loop_in_one_run_waits_for_moments(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Three visits send three messages, and moments on the customer's clock come when that clock shows them."""
    async with _reminding(server.client, tmp_path, branch_named(REMINDERS), server) as (system, branch):
        with server.with_time_skipping_disabled():
            enrollment_id = await system.enter(branch)
        await system.forward(enrollment_id, timedelta(days=300))
        await system.end(enrollment_id)
        _each_reminder_once(system)
        waits = {each["step"]: each for each in system.timeline(enrollment_id) if each["kind"] == "wait"}
        ended_at = system.row(enrollment_id).ended_at
    ends = {step: datetime.fromisoformat(each["until"]) for step, each in waits.items()}
    assert ends["a-day-gone-by"] == datetime(2027, 1, 1, 9, tzinfo=UTC)
    assert ends["monday-morning"] == datetime(2027, 3, 29, 8, tzinfo=UTC)  # the first one on summer time
    assert ends["the-next-morning"] == datetime(2027, 3, 30, 7, 30, tzinfo=UTC)
    assert ends["an-hour-that-comes-twice"] == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)  # the first of the two
    begun = datetime.fromisoformat(waits["monday-morning"]["at"])
    assert begun < ends["monday-morning"], "a day gone by is no reason to wait"
    assert ended_at is not None
    assert timedelta(0) <= ended_at - ends["an-hour-that-comes-twice"] < LATE


async def _lived(client: Client, folder: Path, name: str) -> tuple[list[Any], list[Any]]:
    """What a path was like on the server in several runs, and in a rehearsal in one."""
    branch, second = branch_named(name, parameters=SECONDS), PATHS[name]
    start = branch.scenario.start
    happenings = tuple(replace(each, at=start + timedelta(seconds=second or 0)) for each in branch.scenario.then)
    branch = replace(branch, scenario=replace(branch.scenario, then=happenings if second else ()))
    rehearsed = await rehearse(workflows.catalogue()[branch.journey], branch.scenario)
    clock = JourneyClock(datetime.now(UTC), start)
    async with running_system(client, folder, clock=clock, providers=rehearsed_providers(branch)) as system:
        enrollment_id = await system.enter(branch)
        for happening in branch.scenario.then:
            read = len(_messages(each for each in rehearsed.timeline if _at(each) < happening.at))
            at = clock.wall(happening.at)  # before that hour nobody would be told of it
            await until(
                lambda at=at, read=read: (  # type: ignore[misc] # bound here
                    datetime.now(UTC) >= at and len(_messages(system.timeline(enrollment_id))) == read
                ),
                what="what the customer answers to, and their hour",
            )
            await system.happen(enrollment_id, happening)
        await system.end(enrollment_id)
        assert await _was_continued(system, enrollment_id)
        row, description = system.row(enrollment_id), await system.handle(enrollment_id).describe()
        assert row.outcome == rehearsed.outcome == branch.outcome, system.timeline(enrollment_id)
        assert description.typed_search_attributes[JOURNEY_NAME] == branch.journey
        assert description.typed_search_attributes[CUSTOMER_ID] == row.customer_id
        timeline = system.timeline(enrollment_id)
        _waits_end_in_time(timeline)
        ledger = system.database.read_now(lambda session: session.exec(select(Message)).all())
        assert len(ledger) == len({(row.step, row.visit, row.channel) for row in ledger}) == len(_messages(timeline))
    return [_without_time(each) for each in timeline], [_without_time(each) for each in rehearsed.timeline]


def _messages(timeline: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in timeline if each["kind"] == "message"]


def _at(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["at"])


def _waits_end_in_time(timeline: list[dict[str, Any]]) -> None:
    for entry, following in pairwise(timeline):
        if entry["kind"] == "wait":
            late = _at(following) - datetime.fromisoformat(entry["until"])
            assert timedelta(0) <= late < LATE


def _without_time(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without its instants, and the words, which name them and carry links."""
    return {key: value for key, value in entry.items() if key not in {"at", "local", "until", "body"}}


@asynccontextmanager
async def _reminding(
    client: Client, folder: Path, branch: Branch, environment: WorkflowEnvironment | None
) -> AsyncIterator[tuple[System, Branch]]:
    """A system that knows the test's own journey, and a customer for it."""
    clock = JourneyClock(datetime.now(UTC), branch.scenario.start)
    providers = rehearsed_providers(branch)
    async with running_system(
        client, folder, environment=environment, clock=clock, providers=providers, worker=False
    ) as system:
        system.admission = Admission({**workflows.catalogue(), "three-reminders": ThreeReminders}, clock)
        async with Worker(
            client,
            task_queue=system.task_queue,
            workflows=[ThreeReminders],
            activities=build_activities(system.parts),
            workflow_runner=journey_runner(),
        ):
            yield system, replace(branch, journey="three-reminders")


def _each_reminder_once(system: System) -> None:
    ledger = system.database.read_now(lambda session: session.exec(select(Message)).all())
    assert sorted((row.step, row.visit, row.state) for row in ledger) == [
        ("complete-your-account-email", 1, "accepted"),
        ("complete-your-account-email#2", 2, "accepted"),
        ("complete-your-account-email#3", 3, "accepted"),
    ]
    points = system.database.read_now(lambda session: session.exec(select(PointsEntry)).all())
    assert sorted((row.step, row.visit, row.amount, row.balance) for row in points) == [
        ("points", 1, 50, 50),
        ("points#2", 2, 25, 75),
    ]


async def _was_continued(system: System, enrollment_id: str) -> bool:
    async for first in system.handle(enrollment_id).fetch_history_events():
        return bool(first.workflow_execution_started_event_attributes.continued_execution_run_id)
    raise AssertionError("a history begins with its start")
