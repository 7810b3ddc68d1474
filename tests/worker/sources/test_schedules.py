"""Imports on a Temporal Schedule, on a real server: triggered by hand, so that no test waits for the clock."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import func, select
from temporalio.client import Client, ScheduleOverlapPolicy, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ActivityError
from temporalio.testing import WorkflowEnvironment

from activities.storage import import_sources
from activities.storage.import_sources import Definition
from activities.storage.tables import Customer, ImportSource
from api.imports.rhythm import Rules
from tests.system import System, running_system, until
from worker.settings import WrongSettingError
from worker.sources.activity import SourceImports
from worker.sources.results import SourceRun
from worker.sources.schedules import handle_of, look_up, plan, unplan
from worker.sources.workflow import NAME, ImportFromSource
from worker.worker_process import build_worker

RARELY = timedelta(days=300)  # the server does not come to it by itself
QUERY = "SELECT no, 'c' || no AS id, mail AS email FROM people"


@dataclass
class Crm:
    """A client's database, and a system that imports from it under a name of this test's own."""

    system: System
    folder: Path
    name: str

    @property
    def client(self) -> Client:
        """Of Temporal."""
        return self.system.client

    def url(self, name: str) -> str:
        """Its URL by the name of its setting."""
        if name != "crm":
            raise WrongSettingError(f"SOJOURN_SOURCE_{name.upper()}: missing")
        return f"sqlite:///{self.folder / 'crm.db'}"

    def run(self, statement: str) -> None:
        """Change the client's database."""
        with sqlite3.connect(self.folder / "crm.db") as connection:
            connection.execute(statement)
        connection.close()

    def define(self, query: str = QUERY, address: str = "crm") -> None:
        """Store what is read."""
        definition = Definition(self.name, query, "no", address, RARELY)
        self.system.database.write_now(
            lambda session: import_sources.defined(session, definition, self.system.admission.clock.wall_origin)
        )

    def source(self) -> ImportSource:
        """How far it is."""
        return self.system.database.read_now(lambda session: import_sources.find(session, self.name))

    def customers(self) -> int:
        """How many came in."""
        return self.system.database.read_now(
            lambda session: session.exec(select(func.count()).select_from(Customer)).one()
        )

    async def runs(self) -> list[Any]:
        """The workflows of the schedule, as Temporal lists them, the first one first."""
        query = f"WorkflowType = '{NAME}' AND TaskQueue = '{self.system.task_queue}'"
        found = [execution async for execution in self.client.list_workflows(query)]
        return sorted(found, key=lambda execution: execution.start_time)

    async def until_done(self, number: int) -> list[Any]:
        """Wait for so many ended runs."""

        async def ended() -> bool:
            found = await self.runs()
            return len(found) == number and all(each.status != WorkflowExecutionStatus.RUNNING for each in found)

        await until(ended, within=60, what=f"{number} ended runs")
        return await self.runs()


@pytest.fixture
async def crm(server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Crm]:
    """A client's database with three people, and a worker that can read it."""
    async with running_system(server.client, tmp_path, worker=False) as system:
        found = Crm(system, tmp_path, system.task_queue)
        found.run("CREATE TABLE people (no INTEGER PRIMARY KEY, mail TEXT)")
        found.run("INSERT INTO people VALUES (1, 'a@example.com'), (2, 'b@example.com'), (3, 'secret of c')")
        sources = SourceImports(Rules(system.database, system.admission, 6000), found.url)
        with server.with_time_skipping_disabled():
            async with build_worker(system.client, system.parts, system.task_queue, sources):
                yield found
            await unplan(system.client, found.name)


async def test_each_run_of_the_schedule_takes_in_what_is_new(crm: Crm) -> None:
    """A client finds customers here soon after they came to be there, and in Temporal what each run did."""
    crm.define()
    assert await plan(crm.client, crm.name, RARELY, crm.system.task_queue)
    await crm.until_done(1)
    crm.run("INSERT INTO people VALUES (4, 'd@example.com')")
    await handle_of(crm.client, crm.name).trigger()
    runs = await crm.until_done(2)
    results = [
        await crm.client.get_workflow_handle_for(ImportFromSource.run, each.id, run_id=each.run_id).result()
        for each in runs
    ]
    assert results == [SourceRun(rows=3, accepted=2, refused=1), SourceRun(rows=1, accepted=1)]
    assert crm.customers() == 3
    assert crm.source().cursor == ["int", "4"]
    for each in runs:
        history = await crm.client.get_workflow_handle(each.id, run_id=each.run_id).fetch_history()
        said = "".join(map(str, history.events))  # payloads in clear
        assert crm.name in said
        assert not any(word in said for word in ("example.com", "secret of c", "SELECT", "crm.db"))


async def test_a_schedule_can_be_changed_and_removed(crm: Crm) -> None:
    """Planning again changes the one schedule and keeps a pause; removing it leaves none, and twice is no fault."""
    crm.define()
    await plan(crm.client, crm.name, RARELY, crm.system.task_queue)
    await crm.until_done(1)
    await handle_of(crm.client, crm.name).pause(note="a migration at the client's")
    assert not await plan(crm.client, crm.name, timedelta(days=200), crm.system.task_queue)
    told = (await handle_of(crm.client, crm.name).describe()).schedule
    assert (told.spec.intervals[0].every, told.policy.overlap) == (timedelta(days=200), ScheduleOverlapPolicy.SKIP)
    assert (await look_up(crm.client, [crm.name]))[crm.name].paused
    await unplan(crm.client, crm.name)
    await unplan(crm.client, crm.name)
    assert await look_up(crm.client, [crm.name]) == {}


async def test_a_wrong_query_fails_in_temporal_without_a_value(crm: Crm) -> None:
    """Staff see in Temporal why an import fails, and nobody's address in it."""
    crm.define("SELECT no, mail AS email, CAST(nobody AS TEXT) AS id FROM people WHERE mail = 'a@example.com'")
    with pytest.raises(WorkflowFailureError) as caught:
        await crm.client.execute_workflow(
            ImportFromSource.run, crm.name, id=f"{NAME}/{crm.name}", task_queue=crm.system.task_queue
        )
    failed = caught.value.cause
    assert isinstance(failed, ActivityError)
    said = str(failed.cause)
    assert "the query fails (OperationalError)" in said
    assert "example.com" not in said
    assert crm.customers() == 0


async def test_a_database_that_is_away_is_asked_again(crm: Crm) -> None:
    """A run that finds the client's database away, or its address missing, goes on once it is there."""
    crm.define(address="other")
    handle = await crm.client.start_workflow(
        ImportFromSource.run, crm.name, id=f"{NAME}/{crm.name}", task_queue=crm.system.task_queue
    )

    async def failed_once() -> bool:
        pending = (await handle.describe()).raw_description.pending_activities
        return bool(pending) and "SOJOURN_SOURCE_OTHER: missing" in pending[0].last_failure.message

    await until(failed_once, within=30, what="the first attempt")
    crm.define()
    assert (await handle.result()).accepted == 2
