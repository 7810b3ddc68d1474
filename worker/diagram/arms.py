"""What the arms of a split do differently is drawn apart, though one line of code does it."""

from collections import defaultdict
from dataclasses import replace

from worker.diagram.graph import Kind
from worker.diagram.merge import place_of
from worker.diagram.passage import Explored, State, Transition
from worker.diagram.values import Place


def part_arms(explored: Explored) -> Explored:
    """Give a step such as ``send(EMAIL, f"cart-{arm}")`` a card for each arm, if it stands right behind the split.

    Args:
        explored: every way through the code.
    """
    parted = _parted(explored)
    if not parted:
        return explored

    def renamed(state: State) -> State:
        return (parted[state], *state[1:]) if state in parted else state

    steps = {renamed(state): replace(step, place=place_of(renamed(state))) for state, step in explored.steps.items()}
    transitions: dict[Transition, None] = {}
    for each in explored.transitions:
        source = renamed(each.source)
        # What is asked about the answer of a parted step is said on the line that leaves its card.
        tests = tuple(
            replace(test, origin=place_of(source)) if test.origin == place_of(each.source) else test
            for test in each.tests
        )
        transitions[Transition(source, each.exit, tests, renamed(each.target))] = None
    return Explored(steps, transitions)


def _parted(explored: Explored) -> dict[State, Place]:
    """The new places of states: those that only the split leads to, and that differ by its arms."""
    sources: dict[Place, set[Place | None]] = defaultdict(set)
    for each in explored.transitions:
        behind_split = explored.steps[each.source].kind is Kind.SPLIT and not each.tests
        sources[place_of(each.target)].add(place_of(each.source) if behind_split else None)
    labels: dict[Place, set[str]] = defaultdict(set)
    for state, step in explored.steps.items():
        labels[place_of(state)].add(step.label)
    differ = {place for place, found in labels.items() if len(found) > 1}
    only = {place for place, found in sources.items() if len(found) == 1 and None not in found}
    return {
        state: (*place_of(state), (step.label,))
        for state, step in explored.steps.items()
        if place_of(state) in differ & only
    }
