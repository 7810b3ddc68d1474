"""Words that a marketer chooses: who gets which, and how they are counted."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session
from temporalio.testing import WorkflowEnvironment

import workflows
from activities.clock import JourneyClock
from activities.storage import intake, journey_settings
from activities.storage.customers import ProfileChanges, Registration
from activities.storage.intake import Admission
from activities.storage.reports import journey_report
from tests.system import running_system, until
from tests.workflows.entered import LONGEST, branch_named
from worker.rehearsal.rehearse import rehearse
from worker.rehearsal.scenario import ScenarioError
from worker.worker_process import build_worker

NAME = "data-collection-voucher"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DEFAULT, SHORT = "complete-your-account", "complete-your-account--short"


async def test_newcomers_get_the_words_chosen_and_those_inside_keep_theirs(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A customer who entered before the change is reminded in the old words, one after it in the new ones."""
    clock = JourneyClock(datetime.now(UTC), NOON)
    journey = workflows.catalogue()[NAME]
    async with running_system(server.client, tmp_path, environment=server, clock=clock, worker=False) as system:
        admission = Admission({NAME: journey}, clock)

        def enter(session: Session, name: str, chosen: dict[str, str]) -> str:
            now = datetime.now(UTC)
            journey_settings.set_parameters(session, NAME, {"first_wait": "PT1S", **chosen}, now)
            changes = ProfileChanges({"email": f"{name}@example.com", "timezone": "UTC"})
            return intake.register(session, Registration(changes, name), admission, now).enrollments[0].id

        with server.with_time_skipping_disabled():
            before = await system.database.write(lambda session: enter(session, "before", {}))
            after = await system.database.write(lambda session: enter(session, "after", {"reminder_message": SHORT}))
            await system.carry()
            async with build_worker(system.client, system.parts, system.task_queue):
                await until(lambda: bool(system.messages(before) and system.messages(after)), what="both reminders")
        assert system.messages(before) == [["email", DEFAULT, "sent"]]
        assert system.messages(after) == [["email", SHORT, "sent"]]
        report = system.database.read_now(lambda session: journey_report(session, journey))
        assert [(each.channel, each.template, each.sent) for each in report.messages if each.sent] == [
            ("email", DEFAULT, 2)
        ]


async def test_a_rehearsal_shows_the_words_chosen() -> None:
    """A marketer who rehearses other words reads those, at the step they know."""
    branch = branch_named(LONGEST, parameters={"reminder_message": SHORT})
    played = await rehearse(workflows.catalogue()[NAME], branch.scenario)
    first = next(each for each in played.timeline if each["kind"] == "message")
    assert (first["step"], first["template"]) == (f"{DEFAULT}-email", SHORT)
    assert played.messages[0].subject.endswith("to go")


@pytest.mark.parametrize("chosen", ["voucher-offer", f"{DEFAULT}--lost"])
async def test_a_scenario_with_other_words_than_there_are_is_refused(chosen: str) -> None:
    """A developer who names words for another place, or none that exist, is told which there are."""
    branch = branch_named(LONGEST)
    scenario = replace(branch.scenario, parameters={"reminder_message": chosen})
    with pytest.raises(ScenarioError, match=f"parameter reminder_message: one of {DEFAULT}, {SHORT}, not '{chosen}'"):
        await rehearse(workflows.catalogue()[NAME], scenario)
