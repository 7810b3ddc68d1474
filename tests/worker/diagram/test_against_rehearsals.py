"""The pictures of the journeys, checked against what the journeys do when they run."""

from functools import cache
from typing import Any

import pytest

import workflows
from tests.rehearsals import rehearsal_of
from tests.scenarios import Branch, branches
from worker.diagram import Graph, Kind, OffThePictureError, draw, walk

BRANCHES = branches()
JOURNEYS = workflows.catalogue()


@cache
def picture(journey: str) -> Graph:
    """The picture with the defaults."""
    return draw(JOURNEYS[journey])


def way(branch: Branch, recorded: list[dict[str, Any]]) -> tuple[Graph, list[str]]:
    """The way through the picture; with a scenario's own parameters where it names its steps by them."""
    graph = picture(branch.journey)
    try:
        return graph, walk(graph, recorded)
    except OffThePictureError:
        if not branch.scenario.parameters:
            raise
        graph = draw(JOURNEYS[branch.journey], branch.scenario.parameters)
        return graph, walk(graph, recorded)


@pytest.mark.parametrize("branch", BRANCHES, ids=str)
async def test_every_customer_walks_along_the_lines(branch: Branch) -> None:
    """Whatever happens to a customer, each recorded step has a card, and a line leads there from the one before."""
    recorded = (await rehearsal_of(branch)).timeline
    graph, cards = way(branch, recorded)
    ended = recorded[-1]["outcome"] if recorded else None
    if ended and any(ended in node.outcomes and not node.failure for node in graph.nodes):
        assert ended in graph.node(cards[-1]).outcomes


@pytest.mark.parametrize("journey", JOURNEYS)
async def test_every_card_is_somebodys_step(journey: str) -> None:
    """Nothing is drawn that never happens: every card that no failure leads to is met in some rehearsal."""
    met: set[str] = set()
    for branch in BRANCHES:
        if branch.journey == journey:
            graph, cards = way(branch, (await rehearsal_of(branch)).timeline)
            if graph is picture(journey):
                met.update(cards)
    silent = {Kind.START, Kind.CHOICE, Kind.EVENT}
    expected = {node.id for node in picture(journey).nodes if not node.failure and node.kind not in silent}
    assert expected - met <= {node.id for node in picture(journey).nodes if node.kind is Kind.WINDOW}


async def test_a_step_out_of_order_is_not_on_the_picture() -> None:
    """A picture that the code has left behind is found out, not explained away."""
    branch = next(each for each in BRANCHES if str(each) == "data-collection-voucher/rewarded-by-email")
    recorded = (await rehearsal_of(branch)).timeline
    swapped = [recorded[2], *recorded[1:2], recorded[0], *recorded[3:]]
    with pytest.raises(OffThePictureError):
        walk(picture(branch.journey), swapped)


async def test_an_answer_leads_along_its_own_line() -> None:
    """Whoever was found complete does not go on along the line of those who were not."""
    branch = next(each for each in BRANCHES if str(each) == "data-collection-voucher/rewarded-by-email")
    recorded = (await rehearsal_of(branch)).timeline
    flipped = [{**recorded[0], "result": True}, *recorded[1:]]
    with pytest.raises(OffThePictureError, match="time-to-complete-the-profile-unprompted"):
        walk(picture(branch.journey), flipped)
