"""From every way through the code to one picture that reads in one look.

Two steps are one card if they are the same place in the code, the calls that lead there included: whatever
differs (email or SMS, first or second round) is said on the card. Between two cards the code may decide; such a
decision is drawn only where, coming from that card, it can go either way and leads to different cards.
"""

from collections import defaultdict
from dataclasses import dataclass

from worker.diagram.errors import UndrawableError
from worker.diagram.passage import Explored, State, Test, Transition
from worker.diagram.values import Place

MOST_VISITS = 3  # names are listed up to the visit after this; a loop may have no end that the code shows
Way = tuple[tuple[Test, ...], Place]


@dataclass(frozen=True)
class Fork:
    """A decision of the code on the way from a card to the next ones.

    Attributes:
        test: the decision, with one of its answers.
        branches: what follows, by answer and whether something failed.
    """

    test: Test
    branches: tuple[tuple[str, bool, "Tree"], ...]


Tree = Place | Fork


def place_of(state: State) -> Place:
    """Where in the code a state is; all visits to one place are one card."""
    place: Place = state[0]
    return place


def ways_out(explored: Explored, file: str) -> dict[tuple[Place, str], Tree]:
    """What follows each card, by the label of the exit.

    Args:
        explored: every way through the code.
        file: of the journey, for the message.

    Raises:
        UndrawableError: two ways cannot be told apart.
    """
    ways: dict[tuple[Place, str], dict[Way, None]] = defaultdict(dict)
    for transition in explored.transitions:
        label = explored.steps[transition.source].exits[transition.exit].label
        ways[place_of(transition.source), label][transition.tests, place_of(transition.target)] = None
    return {key: _tree(list(found), file) for key, found in ways.items()}


def _tree(ways: list[Way], file: str) -> Tree:
    """What decides between several ways, and nothing else."""
    targets = dict.fromkeys(target for _, target in ways)
    if len(targets) == 1:
        return next(iter(targets))
    first = ways[0][0][0] if ways[0][0] else None
    if first is None or any(not tests or tests[0].place != first.place for tests, _ in ways):
        line = next((part[1] for part in reversed(ways[0][1]) if len(part) > 1), 1)
        raise UndrawableError(file, line, "cannot tell what decides whether this is reached")
    groups: dict[tuple[str, bool], list[Way]] = defaultdict(list)
    for tests, target in sorted(ways, key=lambda way: way[0][0].bad):
        groups[tests[0].answer, tests[0].bad].append((tests[1:], target))
    branches = tuple((answer, bad, _tree(group, file)) for (answer, bad), group in groups.items())
    subtrees = {tree for _, _, tree in branches}
    if len(subtrees) == 1:
        return branches[0][2]
    telling = next((tests[0] for tests, _ in ways if tests[0].failure), first)
    return Fork(telling, branches)


def recorded(explored: Explored) -> dict[Place, tuple[str, ...]]:
    """The names under which a journey records each card: a second visit to a step is ``NAME#2``."""
    after: dict[State, list[Transition]] = defaultdict(list)
    for transition in explored.transitions:
        after[transition.source].append(transition)
    start = next(iter(explored.steps))
    found: dict[Place, dict[tuple[str, int], None]] = defaultdict(dict)
    names = dict.fromkeys(name for step in explored.steps.values() for each in step.exits for name in each.records)
    for name in names:
        seen = {(start, 0)}
        work = [(start, 0)]
        while work:
            state, count = work.pop(0)
            for transition in after[state]:
                records = explored.steps[state].exits[transition.exit].records
                visits = count + records.count(name)
                if name in records:
                    found[place_of(state)][name, visits] = None
                arrived = transition.target, min(visits, MOST_VISITS)
                if arrived not in seen:
                    seen.add(arrived)
                    work.append(arrived)
    return {
        place: tuple(name if visit == 1 else f"{name}#{visit}" for name, visit in visits)
        for place, visits in found.items()
    }
