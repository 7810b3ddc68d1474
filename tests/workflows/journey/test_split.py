"""Splits: customers parted by lot, for good."""

import json
from typing import Any

import pytest

from tests.workflows.splitting_journey import Splitting
from worker.rehearsal.rehearse import Rehearsed, rehearse
from worker.rehearsal.scenario import ScenarioError, parse_scenario
from workflows.journey import Split

SCENARIO = {"start": "2027-03-27T08:30:00Z", "customer": {"id": "c1"}, "trigger": {"type": "toy.began"}}


async def rehearsed(**more: Any) -> Rehearsed:
    """The journey that splits, with more keys in its scenario."""
    return await rehearse(Splitting, parse_scenario(json.dumps(SCENARIO | more)))


async def test_a_customer_stays_in_their_arm() -> None:
    """Asked again a day later, the split gives the same arm; each time stands on the timeline, for reports."""
    found = await rehearsed()
    first, again, _ = str(found.outcome).split()
    assert first == again
    assert [
        (entry["step"], entry["split"], entry["arm"])
        for entry in found.timeline
        if entry["kind"] == "split" and entry["split"] == "subject-line"
    ] == [("split-subject-line", "subject-line", first), ("split-subject-line#2", "subject-line", first)]


async def test_the_weights_are_a_parameter() -> None:
    """A marketer closes the arm that does worse as data, without a developer."""
    for arm, weights in (("plain", {"plain": 1, "cheerful": 0}), ("cheerful", {"cheerful": 9, "plain": 0})):
        found = await rehearsed(parameters={"subject_line": weights})
        assert str(found.outcome).startswith(f"{arm} {arm} ")
    with pytest.raises(ScenarioError, match="parameters: parameter subject_line: a weight for each of plain, cheerful"):
        await rehearsed(parameters={"subject_line": {"plain": 1}})


@pytest.mark.parametrize("subject", ["plain", "cheerful"])
@pytest.mark.parametrize("reminder", ["yes", "no"])
async def test_a_scenario_forces_arms(subject: str, reminder: str) -> None:
    """Each branch behind a split can be rehearsed, whichever arm the customer's lot says."""
    found = await rehearsed(arms={"subject-line": subject, "reminder": reminder})
    assert found.outcome == f"{subject} {subject} {reminder}"


@pytest.mark.parametrize(
    ("arms", "complaint"),
    [
        ({"subject": "plain"}, "arms.subject: toy-splitting splits subject-line, reminder"),
        ({"reminder": "maybe"}, "arms.reminder: one of yes, no, not 'maybe'"),
    ],
)
async def test_an_arm_that_there_is_not_is_refused(arms: dict[str, str], complaint: str) -> None:
    """A slip of the pen in a scenario is named, instead of rehearsing another branch."""
    with pytest.raises(ScenarioError) as refused:
        await rehearsed(arms=arms)
    assert str(refused.value) == complaint


@pytest.mark.parametrize("weights", [{"plain": 1}, {"plain": 0, "cheerful": 0}, {"plain": 1, "cheerful": -1}])
def test_a_split_that_could_not_be_drawn_is_refused(weights: dict[str, float]) -> None:
    """A developer's mistake shows when the program starts, not when a customer comes to it."""
    with pytest.raises(ValueError, match=r"two arms or more|weight"):
        Split(weights, "why")
