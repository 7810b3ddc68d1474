"""The picture of a journey as data: cards and the lines between them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a node is."""

    START = "start"
    CHECK = "check"  # recorded: of the profile, of reachability
    CHOICE = "choice"  # made by the code from what it knows; not recorded
    WAIT = "wait"
    WINDOW = "window"
    WAIT_FOR = "wait-for"
    EVENT = "event"  # may come at any moment
    MESSAGE = "message"
    VOUCHER = "voucher"
    POINTS = "points"
    WEBHOOK = "webhook"
    PROFILE = "profile"
    SPLIT = "split"
    END = "end"


MAIN = "main"
OTHERWISE = "otherwise"  # what happens when something fails: address refused, out of vouchers, not sent


@dataclass(frozen=True)
class Node:
    """A card of the picture.

    Attributes:
        id: unique in the picture, and the same as long as the steps before it are.
        kind: what it is.
        step: the name under which the journey records it, visit included; empty where nothing is recorded.
        label: in a few words.
        detail: what there is to add; may be empty.
        steps: every name under which it may be recorded: one for each channel and visit.
        outcomes: of an end: what `self.end` may have been told there.
        failure: it is reached only when something fails.
        skippable: customers may pass it without leaving a record.
        goal: a check asks for the journey's goal, or a wait is for it; at an end it has been reached.
    """

    id: str
    kind: Kind
    step: str
    label: str
    detail: str = ""
    steps: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    failure: bool = False
    skippable: bool = False
    goal: bool = False


@dataclass(frozen=True)
class Edge:
    """A line from card to card.

    Attributes:
        source: id of the node it leaves.
        target: id of the node it leads to.
        label: on which answer; empty where there is only one way.
        kind: `main`, or `otherwise` for what happens when something fails.
    """

    source: str
    target: str
    label: str = ""
    kind: str = MAIN


@dataclass(frozen=True)
class Graph:
    """The whole picture; the first node is the start.

    `following` names the wait that is next behind a decided message, by place; only where nothing else can be next.
    """

    journey: str
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    following: Mapping[str, str] = field(default_factory=dict, hash=False)

    def node(self, id: str) -> Node:  # noqa: A002 - it is the id
        """The node of an id.

        Raises:
            KeyError: there is none.
        """
        for node in self.nodes:
            if node.id == id:
                return node
        raise KeyError(id)

    def after(self, id: str) -> list[Edge]:  # noqa: A002 - it is the id
        """The edges that leave a node, as they were drawn."""
        return [edge for edge in self.edges if edge.source == id]


def as_json(graph: Graph) -> dict[str, Any]:
    """The picture as plain data: ``{"journey", "title", "nodes": [...], "edges": [...]}``."""
    return {
        "journey": graph.journey,
        "title": graph.title,
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [
            {"from": edge.source, "to": edge.target, "label": edge.label, "kind": edge.kind} for edge in graph.edges
        ],
    }


def _node(node: Node) -> dict[str, Any]:
    fields = asdict(node)
    return {**fields, "kind": node.kind.value, "steps": list(node.steps), "outcomes": list(node.outcomes)}
