"""Customers who are inside a journey survive a new version of it: recorded histories are replayed with today's code."""

from pathlib import Path

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

import workflows
from tests.histories import load, name_of, path_of, recorded
from tests.histories.privacy import canaries, given_away
from tests.scenarios import Branch, branches
from tests.workflows.changed_journeys import BREAKING, OtherWords
from worker.sandbox import journey_runner
from workflows.journey import Journey

REWARDED = "data-collection-voucher/rewarded-by-sms"  # four waits, four messages, a voucher: every command there is
ROOM = 4_000_000  # bytes; a hundred branches at some 20 kB each leave room for more


def shipped() -> set[str]:
    """Journeys that may have customers inside: those of which anything was recorded."""
    return {name_of(path).partition("/")[0] for path in recorded()}


def replayer(*journeys: type[Journey]) -> Replayer:
    """Replays as a worker would run it."""
    return Replayer(workflows=journeys or list(workflows.catalogue().values()), workflow_runner=journey_runner())


@pytest.mark.parametrize("branch", [each for each in branches() if each.journey in shipped()], ids=str)
async def test_a_customer_on_any_path_survives_a_deploy(branch: Branch) -> None:
    """Today's code goes every recorded path again, command by command."""
    path = path_of(str(branch))
    assert path.exists(), f"record it: python -m tests.histories.record {branch}"
    await replayer().replay_workflow(load(path))


@pytest.mark.parametrize("changed", BREAKING, ids=lambda journey: journey.__name__)
async def test_a_change_that_would_strand_customers_is_caught(changed: type[Journey]) -> None:
    """A developer who adds, drops or swaps a step of a live journey is stopped before the deploy."""
    with pytest.raises(NondeterminismError):
        await replayer(changed).replay_workflow(load(path_of(REWARDED)))


async def test_a_change_of_words_is_no_reason_to_stop() -> None:
    """A developer may change what is said of an end while customers are inside."""
    await replayer(OtherWords).replay_workflow(load(path_of(REWARDED)))


async def test_a_change_is_caught_for_customers_in_the_middle() -> None:
    """A history that has not ended yet is replayed as far as it goes, and a new first step is caught there, too."""
    whole = load(path_of(REWARDED))
    half = WorkflowHistory(whole.workflow_id, _first_tasks(whole, 4))
    await replayer().replay_workflow(half)
    with pytest.raises(NondeterminismError):
        await replayer(BREAKING[0]).replay_workflow(half)


@pytest.mark.parametrize("path", recorded(), ids=name_of)
def test_a_recorded_history_tells_nothing_about_a_customer(path: Path) -> None:
    """Whoever reads histories in the Temporal UI finds no name, address, phone, date of birth or code in them."""
    branch = next((each for each in branches() if str(each) == name_of(path)), None)
    assert branch is not None, "its scenario is gone"
    assert given_away(load(path).to_json_dict(), canaries(branch)) == set()


def test_the_search_for_personal_data_finds_some() -> None:
    """A name inside a payload would be found, so that finding none means something."""
    document = {"input": {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "eyJhIjoiQWRhIn0="}]}}
    assert given_away(document, {"Ada", "Byron"}) == {"Ada"}


def test_histories_stay_small() -> None:
    """A newcomer's clone is not spent on recordings."""
    assert sum(path.stat().st_size for path in recorded()) < ROOM


def _first_tasks(history: WorkflowHistory, tasks: int) -> list[HistoryEvent]:
    """The events up to the end of so many workflow tasks, with what they led to."""
    done = 0
    for position, event in enumerate(history.events):
        if event.HasField("workflow_task_completed_event_attributes"):
            done += 1
        elif event.HasField("workflow_task_scheduled_event_attributes") and done == tasks:
            return list(history.events[:position])
    raise AssertionError("the history is too short")
