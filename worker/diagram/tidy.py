"""What makes a picture easier to read without saying anything else."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from worker.diagram import wording
from worker.diagram.graph import MAIN, OTHERWISE, Kind, Node
from worker.diagram.steps import TIME_IS_UP
from worker.diagram.values import Place

SHARED_TAIL = 4  # cards in a row, below that a line across the picture costs more than it saves
Line = tuple[Place, Place, str, str]


def tidy(nodes: dict[Place, Node], edges: list[Line], start: Place) -> tuple[dict[Place, Node], list[Line]]:
    """Fold, part and mark.

    A choice that only guards the check behind it becomes a part of that check. What goes on in the very same way to
    the end is drawn once, if it is long enough; an end alone is drawn beside each card that leads to it. Lines
    between the same two cards become one. Cards reached only when something fails are marked.

    Args:
        nodes: the cards by their place in the code.
        edges: the lines between them.
        start: the place of the start.

    Returns:
        Cards, in the order in which a reader comes to them, and lines.
    """
    nodes, edges = dict(nodes), _joined(edges)
    for place in [place for place, node in nodes.items() if node.kind is Kind.CHOICE]:
        edges = _joined(_fold_guard(place, nodes, edges))
    edges = _joined(_share_tails(nodes, edges))
    edges = _part_ends(nodes, edges)
    order = _reading_order(edges, start)
    good = _reached(edges, start)
    missed = _goal_missed(nodes, edges, start)
    for place in order:
        node = nodes[place]
        goal = place not in missed if node.kind is Kind.END else node.goal
        nodes[place] = replace(node, failure=place not in good, goal=goal)
    return (
        {place: nodes[place] for place in order},
        sorted(edges, key=lambda line: order.index(line[0])),
    )


def _joined(edges: list[Line]) -> list[Line]:
    labels: dict[tuple[Place, Place], dict[str, str]] = defaultdict(dict)
    for source, target, label, kind in edges:
        said = labels[source, target]
        said[label] = MAIN if MAIN in (kind, said.get(label)) else OTHERWISE
    joined: list[Line] = []
    for (source, target), said in labels.items():
        kind = MAIN if MAIN in said.values() else OTHERWISE
        joined.append((source, target, wording.either(said), kind))
    return joined


def _fold_guard(place: Place, nodes: dict[Place, Node], edges: list[Line]) -> list[Line]:
    """`if channel is EMAIL and await first_reachable(SMS)` is one question, asked of some."""
    out = [line for line in edges if line[0] == place]
    for _, guarded, answer, _ in out:
        others = {line[1] for line in out} - {guarded}
        alone = all(line[0] == place for line in edges if line[1] == guarded)
        after = {line[1]: line for line in edges if line[0] == guarded}
        if len(others) == 1 and alone and others <= after.keys() and nodes[guarded].kind is Kind.CHECK:
            question = nodes[place].label.removesuffix("?").lower()
            condition = f"if {question}" if answer == "yes" else f"if not {question}" if answer == "no" else ""
            condition = condition or f"if the {question} is {answer}"
            card = nodes[guarded]
            detail = "; ".join(part for part in (condition, card.detail) if part)
            nodes[guarded] = replace(card, detail=detail, skippable=True)
            del nodes[place]
            kept = [line for line in edges if line[0] != place]
            return [
                (source, guarded if target == place else target, label, kind) for source, target, label, kind in kept
            ]
    return edges


def _share_tails(nodes: dict[Place, Node], edges: list[Line]) -> list[Line]:
    """The same steps to the same ends, called from two places in the code, are one continuation."""
    after: dict[Place, list[Line]] = defaultdict(list)
    for line in edges:
        after[line[0]].append(line)
    first: dict[int, Place] = {}
    same: dict[Place, Place] = {}
    tails = _tails(nodes, after)
    for place, (tail, length) in tails.items():
        if length < SHARED_TAIL or first.setdefault(tail, place) == place:
            continue
        kept = {tails[each]: each for each in _following(first[tail], after)}
        same.update({each: kept[tails[each]] for each in _following(place, after)})
    for place, kept_place in same.items():
        steps = dict.fromkeys((*nodes[kept_place].steps, *nodes[place].steps))
        nodes[kept_place] = replace(nodes[kept_place], steps=tuple(steps))
    return [
        (source, same.get(target, target), label, kind) for source, target, label, kind in edges if source not in same
    ]


def _following(place: Place, after: dict[Place, list[Line]]) -> dict[Place, None]:
    found: dict[Place, None] = {}
    work = [place]
    while work:
        each = work.pop(0)
        if each not in found:
            found[each] = None
            work.extend(target for _, target, *_ in after[each])
    return found


def _tails(nodes: dict[Place, Node], after: dict[Place, list[Line]]) -> dict[Place, tuple[int, int]]:
    """For each card a number for all that follows from it, and how long that is; none where a loop is in it."""
    numbers: dict[Any, int] = {}
    found: dict[Place, tuple[int, int] | None] = {}

    def tail(place: Place) -> tuple[int, int] | None:
        if place not in found:
            found[place] = None  # whoever comes here again is in a loop
            follows = [(label, kind, tail(target)) for _, target, label, kind in after[place]]
            if all(following for _, _, following in follows):
                node = nodes[place]
                steps = frozenset(step.partition("#")[0] for step in node.steps)
                looks = node.kind, node.label, steps, node.outcomes, frozenset(follows)
                length = 1 + max((following[1] for _, _, following in follows if following), default=0)
                found[place] = numbers.setdefault(looks, len(numbers)), length
        return found[place]

    return {place: each for place in nodes if (each := tail(place)) is not None}


def _part_ends(nodes: dict[Place, Node], edges: list[Line]) -> list[Line]:
    """An end beside each card that leads to it: lines that cross half the picture tell nobody anything."""
    seen: set[Place] = set()
    parted: list[Line] = []
    for source, target, label, kind in edges:
        end = target
        if nodes[target].kind is Kind.END and target in seen:
            end = (*target, source)
            nodes[end] = nodes[target]
        seen.add(target)
        parted.append((source, end, label, kind))
    return parted


def _reading_order(edges: list[Line], start: Place) -> list[Place]:
    after: dict[Place, list[Place]] = defaultdict(list)
    for source, target, *_ in edges:
        after[source].append(target)
    order: dict[Place, None] = {}
    work = [start]
    while work:
        place = work.pop(0)
        if place in order:
            continue
        order[place] = None
        work.extend(after[place])
    return list(order)


def _reached(edges: list[Line], start: Place) -> set[Place]:
    """What is reached although nothing failed."""
    found = {start}
    work = [start]
    while work:
        place = work.pop()
        for source, target, _, kind in edges:
            if source == place and kind == MAIN and target not in found:
                found.add(target)
                work.append(target)
    return found


def _goal_missed(nodes: dict[Place, Node], edges: list[Line], start: Place) -> set[Place]:
    """Where customers come of whom the journey has not heard that the goal is reached."""
    missed = {start}
    work = [start]
    while work:
        place = work.pop()
        for source, target, label, _ in edges:
            heard = TIME_IS_UP not in label if nodes[source].kind is Kind.WAIT_FOR else label.startswith("yes")
            met = nodes[source].goal and heard
            if source == place and not met and target not in missed:
                missed.add(target)
                work.append(target)
    return missed
