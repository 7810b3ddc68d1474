"""What makes a picture easier to read without saying anything else."""

from collections import defaultdict
from dataclasses import replace

from worker.diagram import wording
from worker.diagram.graph import MAIN, OTHERWISE, Kind, Node
from worker.diagram.values import Place

Line = tuple[Place, Place, str, str]


def tidy(nodes: dict[Place, Node], edges: list[Line], start: Place) -> tuple[dict[Place, Node], list[Line]]:
    """Fold, part and mark.

    A choice that only guards the check behind it becomes a part of that check. An end reached from several cards
    is drawn beside each. Lines between the same two cards become one. Cards reached only when something fails are
    marked.

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
    """Where customers come whose goal no check has found reached."""
    missed = {start}
    work = [start]
    while work:
        place = work.pop()
        for source, target, label, _ in edges:
            met = nodes[source].goal and label.startswith("yes")
            if source == place and not met and target not in missed:
                missed.add(target)
                work.append(target)
    return missed
