"""Every branch of every journey: rehearsed, and lived on the real server with skipped time, line by line the same."""

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

import workflows
from activities.clock import JourneyClock
from activities.storage.database import Database
from activities.storage.intake import Admission
from activities.storage.tables import OutboxItem
from tests.rehearsals import rehearsal_of
from tests.scenarios import Branch, branches, refused_branches
from tests.system import as_scripted, running_system
from worker.rehearsal.happenings import enter
from worker.rehearsal.rehearse import rehearse

# A real server takes its moments between the steps; a rehearsal none. No wait is this short.
DRIFT = timedelta(minutes=1)
LINK = re.compile(r"(https://hm?[a-z.]*hearthmoor\.example|https://hmoor\.example)/\w+/[\w.~-]+")


@pytest.mark.parametrize("branch", branches(), ids=str)
async def test_each_branch_ends_as_promised(branch: Branch) -> None:
    """The promise in the scenario's own file is kept."""
    rehearsed = await rehearsal_of(branch)
    assert rehearsed.outcome == branch.outcome
    if branch.messages is not None:
        assert _messages(rehearsed.timeline) == branch.messages
    if branch.webhooks is not None:
        assert _webhooks(rehearsed.timeline) == branch.webhooks


@pytest.mark.parametrize("branch", branches(), ids=str)
async def test_a_rehearsal_tells_what_the_server_does(
    branch: Branch, server: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A developer can rely on a rehearsal: the real server gives the same timeline, entry by entry."""
    rehearsed = await rehearsal_of(branch)
    clock = JourneyClock(datetime.now(UTC), branch.scenario.start)
    async with running_system(
        server.client,
        tmp_path,
        environment=server,
        clock=clock,
        **as_scripted(branch),
    ) as system:
        with server.with_time_skipping_disabled():
            enrollment_id = await system.enter(branch)
        at = branch.scenario.start
        for happening in sorted(branch.scenario.then, key=lambda each: each.at):
            if not await system.forward(enrollment_id, happening.at - at):
                break
            at = happening.at
            await system.happen(enrollment_id, happening)
        await system.forward(enrollment_id, timedelta(days=60))
        await system.end(enrollment_id)
        lived = system.timeline(enrollment_id)
        assert system.row(enrollment_id).outcome == branch.outcome
    assert [_comparable(entry) for entry in lived] == [_comparable(entry) for entry in rehearsed.timeline]
    for real, virtual in zip(lived, rehearsed.timeline, strict=True):
        assert abs(_at(real) - _at(virtual)) < DRIFT


@pytest.mark.parametrize("branch", refused_branches(), ids=str)
async def test_whom_the_rules_refuse_does_not_enter(branch: Branch) -> None:
    """An event that the trigger's rules refuse starts nothing, in a rehearsal and in the database."""
    rehearsed = await rehearsal_of(branch)
    assert (rehearsed.entered, rehearsed.outcome, rehearsed.timeline) == (False, None, [])
    journey, start = workflows.catalogue()[branch.journey], branch.scenario.start
    database = Database("sqlite://", inline=True)
    database.create_all()
    try:
        admission = Admission({journey.name: journey}, JourneyClock(start, start))
        assert database.write_now(lambda session: enter(session, journey, branch.scenario, admission, start)) is None
        assert database.read_now(lambda session: session.exec(select(OutboxItem)).all()) == []
    finally:
        database.close()


async def test_a_rehearsal_repeats_to_the_byte() -> None:
    """Two rehearsals of one scenario can be compared with diff."""
    for branch in branches()[::6]:  # every path is rehearsed above; a few of each journey are enough to compare
        again = await rehearse(workflows.catalogue()[branch.journey], branch.scenario)
        assert asdict(again) == asdict(await rehearsal_of(branch))


def _messages(timeline: list[dict[str, Any]]) -> list[list[str]]:
    return [[e["channel"], e["template"], e["result"]] for e in timeline if e["kind"] == "message"]


def _webhooks(timeline: list[dict[str, Any]]) -> list[list[str]]:
    return [[e["step"], e["result"]] for e in timeline if e["kind"] == "webhook"]


def _comparable(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without what a real server adds of its own: milliseconds, and ids in links."""
    rest = {key: value for key, value in entry.items() if key not in {"at", "local", "until"}}
    if isinstance(rest.get("body"), str):
        rest["body"] = LINK.sub("LINK", rest["body"])
    return rest


def _at(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["at"])
