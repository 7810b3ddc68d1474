"""The picture of a journey, from its code.

The code is followed symbolically (`explore`): a customer's profile, what a provider answers and whether an event
comes are open, so at each such fork both ways are taken; channels, loop counters and whatever else the code itself
decides are known on each way. States are few, because a pass ends where it comes to a step in a state seen before.
Then all states of one place in the code become one card (`merge`), so that email and SMS are one path as long as
the code treats them as one, and a loop comes back to its own card. Between two cards a decision of the code shows
only where both answers are possible there and lead to different cards. Whether a message was refused, or a voucher
was left, is no card but a lighter line: that is how failures are told from decisions about a customer.

Choices between few values (a flag, an enum) are open, so every way shows; durations, templates and other values
are as the parameters have them. What cannot be followed is refused, with its line: no picture is better than a
wrong one.
"""

import inspect
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from worker.diagram import wording
from worker.diagram.arms import part_arms
from worker.diagram.decisions import NOT_SENT
from worker.diagram.explore import explore
from worker.diagram.following import following
from worker.diagram.graph import MAIN, OTHERWISE, Edge, Graph, Kind, Node
from worker.diagram.merge import MOST_VISITS, Fork, Tree, place_of, recorded, ways_out
from worker.diagram.statements import START
from worker.diagram.steps import Step
from worker.diagram.tidy import tidy
from worker.diagram.values import Place
from workflows.journey import Journey

REMOVED = "removed"
_DONE = {Kind.MESSAGE: "sent", Kind.VOUCHER: "assigned", Kind.POINTS: "awarded", Kind.WEBHOOK: "accepted"}


def draw(journey: type[Journey], values: Mapping[str, Any] | None = None) -> Graph:
    """The picture of a journey.

    Args:
        journey: the class.
        values: of its parameters by name, in their JSON form, where the picture shall not show the defaults.

    Raises:
        UndrawableError: its code cannot be followed; the message names file, line and construct.
        ValueError: a value is not of its parameter's type, or there is no such parameter.
    """
    values = dict(values or {})
    journey.resolve(values)
    explored = part_arms(explore(journey, values))
    steps: dict[Place, list[Step]] = defaultdict(list)
    for state, step in explored.steps.items():
        steps[place_of(state)].append(step)
    drawing = _Drawing()
    names = {place: _heard_too(journey, found) for place, found in recorded(explored).items()}
    explained: set[str] = set()
    for place, visits in steps.items():
        drawing.nodes[place] = _card(journey, values, visits, names.get(place, ()), explained)
    for (place, label), tree in ways_out(explored, inspect.getsourcefile(journey) or "").items():
        drawing.lead(place, place, tree, [label] if label else [], MAIN)
    if journey.exit_on is not None:
        _add_exit(journey, drawing)
    nodes, edges = tidy(drawing.nodes, drawing.edges, START)
    return replace(_named(journey, nodes, edges), following=following(explored))


@dataclass
class _Drawing:
    """Cards and lines by their place in the code, before they have names."""

    nodes: dict[Place, Node] = field(default_factory=dict)
    edges: list[tuple[Place, Place, str, str]] = field(default_factory=list)
    choices: dict[Fork, Place] = field(default_factory=dict)

    def lead(self, source: Place, step: Place, tree: Tree, said: list[str], kind: str) -> None:
        """Draw what follows a card, or a decision.

        Args:
            source: the card the line leaves.
            step: the step before it; what is asked about its own answer is said on its line.
            tree: what follows.
            said: what the line says so far.
            kind: of the line.
        """
        if not isinstance(tree, Fork):
            self.edges.append((source, tree, ", ".join(said), kind))
            return
        test = tree.test
        if test.failure:
            dropped = bool(said) and said[-1] == NOT_SENT and test.origin == step
            if dropped:
                said = said[:-1]  # more is asked about the same message, and says it better
            for answer, bad, branch in tree.branches:
                words = answer.removeprefix(f"{self.nodes[step].label} ") if test.origin == step else answer
                words = words or (NOT_SENT if dropped else "")
                self.lead(source, step, branch, [*said, words] if words else said, OTHERWISE if bad else kind)
        elif test.origin and test.origin == source:
            for answer, _, branch in tree.branches:
                self.lead(source, step, branch, [answer], kind)
        else:
            self._choose(source, step, tree, said, kind)

    def _choose(self, source: Place, step: Place, tree: Fork, said: list[str], kind: str) -> None:
        known = tree in self.choices
        place = self.choices.setdefault(tree, ("choice", len(self.choices), *tree.test.place))
        self.edges.append((source, place, ", ".join(said), kind))
        if known:
            return
        self.nodes[place] = Node("", Kind.CHOICE, "", f"{tree.test.label}?", skippable=True)
        for answer, branch in _answers(tree, tree.test.subject):
            self.lead(place, step, branch, [answer], MAIN)


def _answers(fork: Fork, subject: str) -> list[tuple[str, Tree]]:
    """`if x == 1 … elif x == 2` is one question with many answers."""
    found: list[tuple[str, Tree]] = []
    for answer, _, branch in fork.branches:
        if answer == "other" and isinstance(branch, Fork) and subject and branch.test.subject == subject:
            found.extend(_answers(branch, subject))
        else:
            found.append((answer, branch))
    return found


def _card(
    journey: type[Journey], values: Mapping[str, Any], visits: list[Step], names: tuple[str, ...], explained: set[str]
) -> Node:
    """One card for all visits to a place; what differs between them is joined by `or`."""
    kind = visits[0].kind
    label = wording.either(step.label for step in visits)
    detail = wording.spelled(wording.either(step.detail for step in visits))
    if kind is Kind.CHECK and label == wording.either([label]) and "first, then" not in detail:
        detail = "" if label in explained else detail  # which attributes count is said once
        explained.add(label)
    outcomes = tuple(dict.fromkeys(step.outcome for step in visits)) if kind is Kind.END else ()
    if kind is Kind.START:
        rule = journey.trigger.where
        label, detail = journey.trigger.event_type, wording.rule(rule, values) if rule else ""
    if kind is Kind.END:
        label = wording.capital(wording.either(wording.spelled(outcome) for outcome in outcomes))
        names = ("end",)
    first = names[0] if names else ""
    silent = kind is Kind.WINDOW
    return Node("", kind, first, label, detail, names, outcomes, skippable=silent, goal=visits[0].asks_goal)


def _heard_too(journey: type[Journey], names: tuple[str, ...]) -> tuple[str, ...]:
    """An event that comes is recorded under the name of its listener, and counts as a visit to a check of it."""
    listened = {event.name for event in journey.listeners()} & set(names)
    return (*names, *(f"{name}#{visit}" for name in listened for visit in range(2, MOST_VISITS + 2)))


def _add_exit(journey: type[Journey], drawing: _Drawing) -> None:
    """The event that removes a customer at any moment: said once, beside the start."""
    event = journey.exit_on
    assert event is not None  # noqa: S101 - asked by the caller
    rule = wording.rule(event.where) if event.where else ""
    label, end = ("exit",), ("exit", "end")
    drawing.nodes[label] = Node("", Kind.EVENT, "exit_on", event.type, rule, ("exit_on",), skippable=True)
    drawing.nodes[end] = Node("", Kind.END, "end", "Removed", "", ("end",), (REMOVED,))
    drawing.edges.append((START, label, "at any moment", OTHERWISE))
    drawing.edges.append((label, end, "", MAIN))


def _named(journey: type[Journey], nodes: dict[Place, Node], edges: list[tuple[Place, Place, str, str]]) -> Graph:
    """Give each card an id that says what it is."""
    ids: dict[Place, str] = {}
    taken: Counter[str] = Counter()
    for place, node in nodes.items():
        name = _slug(f"end {node.outcomes[0]}" if node.outcomes else node.step.partition("#")[0] or node.label)
        name = "start" if node.kind is Kind.START else name
        taken[name] += 1
        ids[place] = name if taken[name] == 1 else f"{name}-{taken[name]}"
    branching = Counter(source for source, *_ in edges)
    drawn = []
    for source, target, label, kind in edges:
        others = [said for start, _, said, _ in edges if start == source]
        plain = source == START or branching[source] == 1
        said = label if label or plain else _unlabelled(nodes[source].kind, others)
        drawn.append(Edge(ids[source], ids[target], said, kind))
    named = tuple(replace(node, id=ids[place]) for place, node in nodes.items())
    return Graph(journey.name, journey.title(), named, tuple(drawn))


def _unlabelled(kind: Kind, others: list[str]) -> str:
    """What a line says that is taken when nothing failed; a message refused for its address only may fail otherwise."""
    asked_for_success = kind in {Kind.VOUCHER, Kind.POINTS} or any("not sent" in label for label in others)
    return _DONE.get(kind, "otherwise") if asked_for_success else "goes on"


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))
