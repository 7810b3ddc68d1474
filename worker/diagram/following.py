"""Which wait follows a message, for each thing that can become of it: read from the code, as the picture is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from activities.storage.places import ADDRESS_REFUSED, NO_VOUCHER_LEFT, spelled
from worker.diagram.decisions import EMPTY, NOT_SENT, REFUSED, SENT, fates_left
from worker.diagram.graph import Kind
from worker.diagram.merge import place_of
from worker.diagram.passage import Explored, State, Transition

MOST_VISITS = 8  # a loop may have no end that the code shows; whoever goes round more often stays at the message
_DECIDED = {Kind.MESSAGE, Kind.WEBHOOK}
_WAITS = {Kind.WAIT, Kind.WAIT_FOR}
_FATES = {
    "sent": SENT,
    "unknown": SENT,  # counts as sent
    "failed": NOT_SENT,
    ADDRESS_REFUSED: REFUSED,
    "suppressed": NOT_SENT,
    NO_VOUCHER_LEFT: EMPTY,
}


def following(explored: Explored) -> Mapping[str, str]:
    """The step of the wait that is next behind each decided message, by place; only where nothing else can be next.

    Args:
        explored: every way through the code.
    """
    after: defaultdict[State, list[Transition]] = defaultdict(list)
    for transition in explored.transitions:
        after[transition.source].append(transition)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for message, wait in _pairs(explored):
        for state, visit, waited in _visits(explored, after, message, wait):
            for transition in after[state]:
                target = explored.steps[transition.target]
                if target.kind in _WAITS and wait not in target.exits[0].records:
                    continue  # another pair
                told = target.kind in _WAITS and max(visit, waited + 1) < MOST_VISITS
                nth = _nth(wait, waited + 1) if told else ""
                for result in _results(transition):
                    found[spelled(_nth(message, visit), result)].add(nth)
    waits = {place: next(iter(names)) for place, names in found.items() if len(names) == 1}
    return {place: wait for place, wait in waits.items() if wait}


def _pairs(explored: Explored) -> Iterable[tuple[str, str]]:
    """Messages, each with every wait that may be next."""
    pairs = {
        (message, wait)
        for each in explored.transitions
        if explored.steps[each.source].kind in _DECIDED and explored.steps[each.target].kind in _WAITS
        for message in _names(explored, each.source)
        for wait in _names(explored, each.target)
    }
    return sorted(pairs)


def _visits(
    explored: Explored, after: Mapping[State, list[Transition]], message: str, wait: str
) -> Iterable[tuple[State, int, int]]:
    """Where the code comes to a message, which visit that is, and how often it has come to the wait before."""
    start = (next(iter(explored.steps)), 0, 0)
    seen, work = {start}, [start]
    while work:
        state, visits, waited = work.pop()
        if _names(explored, state) == {message}:
            yield state, visits + 1, waited
        for transition in after.get(state, ()):
            records = explored.steps[state].exits[transition.exit].records
            messages = min(visits + records.count(message), MOST_VISITS)
            waits = min(waited + records.count(wait), MOST_VISITS)
            arrived = transition.target, messages, waits
            if arrived not in seen:
                seen.add(arrived)
                work.append(arrived)


def _results(transition: Transition) -> Iterable[str]:
    """With which results of its message the code may go this way."""
    here = place_of(transition.source)
    asked = [test for test in transition.tests if test.failure and test.origin == here]
    left = fates_left(asked)
    return [result for result, fate in _FATES.items() if fate in left]


def _names(explored: Explored, state: State) -> set[str]:
    return {name for way in explored.steps[state].exits for name in way.records}


def _nth(name: str, visit: int) -> str:
    return name if visit == 1 else f"{name}#{visit}"
