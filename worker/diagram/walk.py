"""Which way one customer went through the picture: their timeline, placed on its cards."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from worker.diagram.graph import OTHERWISE, Edge, Graph, Kind, Node
from worker.diagram.merge import MOST_VISITS
from worker.diagram.steps import TIME_IS_UP

AT_ANY_MOMENT = frozenset({"cancelled", "opted out", "erased", "removed"})
"""Outcomes that no line leads to: staff, the customer or an event may end a journey wherever it stands."""


_UNRECORDED_IF_REFUSED = {Kind.VOUCHER, Kind.POINTS, Kind.PROFILE}


class OffThePictureError(Exception):
    """A recorded step that the picture does not lead to; the message names it and what was before it."""


def walk(graph: Graph, timeline: Iterable[Mapping[str, Any]]) -> list[str]:
    """The cards a customer passed, one id for each entry of their timeline that is a step.

    What happened to the customer (kind `event`) is no step. Two cards may be recorded under one name; the way there
    tells them apart, and where it does not yet, what follows does.

    Args:
        graph: the picture.
        timeline: entries in the form of design section 5, in order.

    Returns:
        Ids of nodes; several entries of one card (a deferred message, two channels tried) give its id several times.

    Raises:
        OffThePictureError: an entry has no card, or no way leads to it.
    """
    next_of = defaultdict(list)
    for edge in graph.edges:
        next_of[edge.source].append(edge)
    nodes = {node.id: node for node in graph.nodes}
    ways: dict[str, tuple[list[str], str]] = {graph.nodes[0].id: ([], "")}  # by where it stands: the way, the answer
    for entry in timeline:
        if entry["kind"] == "event" and not _is_drawn(graph, entry):
            continue
        if entry["kind"] == "outcome" and entry["outcome"] in AT_ANY_MOMENT and not _drawn(graph, entry["outcome"]):
            return _longest(ways)
        found: dict[str, tuple[list[str], str]] = {}
        for place, (way, answer) in ways.items():
            for target in _reachable(place, answer, nodes, next_of):
                if _is(nodes[target], entry):
                    found.setdefault(target, ([*way, target], _answer(entry)))
            if way and _stays(nodes[place], entry, answer):
                found[place] = ([*way, place], _answer(entry))
        if not found:
            raise OffThePictureError(f"no way from {', '.join(ways)} to {entry['kind']} {entry['step']}")
        ways = found
    return _longest(ways)


def _drawn(graph: Graph, outcome: str) -> bool:
    return any(outcome in node.outcomes for node in graph.nodes if not node.failure)


def _is_drawn(graph: Graph, event: Mapping[str, Any]) -> bool:
    """What happens to a customer is no step, but what a journey does to the profile may be recorded as it."""
    return any(node.kind is Kind.PROFILE and _is(node, event) for node in graph.nodes)


def _longest(ways: Mapping[str, tuple[list[str], str]]) -> list[str]:
    return next(iter(ways.values()))[0]


def _is(node: Node, entry: Mapping[str, Any]) -> bool:
    if entry["kind"] == "outcome":
        return entry["outcome"] in node.outcomes
    step = entry["step"]
    name, _, visit = step.partition("#")
    # A loop may go round more often than the picture lists.
    return step in node.steps or (visit.isdigit() and int(visit) > MOST_VISITS and name in _plain(node))


def _plain(node: Node) -> set[str]:
    return {step.partition("#")[0] for step in node.steps}


def _stays(node: Node, entry: Mapping[str, Any], answer: str) -> bool:
    """A deferred message is asked for again; of two channels the second is tried when the first is none."""
    return _is(node, entry) and (node.kind is not Kind.CHECK or answer == "no")


def _answer(entry: Mapping[str, Any]) -> str:
    """What a check was answered, or the arm of a split: the line it leaves by says the same."""
    if entry["kind"] == "split":
        return str(entry["arm"])
    return ("yes" if entry["result"] else "no") if entry["kind"] == "check" else ""


def _reachable(
    place: str, answer: str, nodes: Mapping[str, Node], next_of: Mapping[str, Sequence[Edge]]
) -> Iterable[str]:
    """Where one may be next, passing cards that leave no record."""
    seen: dict[str, None] = {}
    work = [edge.target for edge in next_of[place] if not answer or _says(edge, answer, nodes[place], next_of[place])]
    while work:
        each = work.pop(0)
        if each in seen:
            continue
        seen[each] = None
        work.extend(edge.target for edge in next_of[each] if passes_unrecorded(nodes[each], edge))
    return seen


def passes_unrecorded(node: Node, edge: Edge) -> bool:
    """Whether customers may pass a card along one of its lines without leaving a record of it."""
    if node.kind is Kind.WAIT_FOR:  # the event may have come before anyone waited for it
        return edge.label != TIME_IS_UP
    return node.skippable or (node.kind in _UNRECORDED_IF_REFUSED and edge.kind == OTHERWISE)


def _says(edge: Edge, answer: str, node: Node, beside: Sequence[Edge]) -> bool:
    """Whether a line may be the one that an answer leads along."""
    if node.kind is Kind.SPLIT:
        return answer in re.findall(r"[\w-]+", edge.label)
    # A check of several channels says on its lines which it was.
    plain = {each.label.partition(",")[0] for each in beside} <= {"yes", "no"}
    return not plain or edge.label.startswith(answer)
