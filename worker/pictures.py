"""Pictures of journeys for the console: drawn from the code, with room for its numbers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from api.pictures import HELD_OUT, Card, Drawer, Picture, Way, WayKey
from worker.diagram import Edge, Graph, Kind, Node, UndrawableError, draw
from worker.diagram.graph import OTHERWISE
from worker.diagram.layout import lay_out
from worker.diagram.look import glyph
from worker.diagram.shapes import Card as Box
from worker.diagram.shapes import Layout, Line
from worker.diagram.walk import passes_unrecorded

if TYPE_CHECKING:
    from workflows.journey import Journey

ROOM = 52.0  # for a number, in pixels
KEPT = 64  # pictures; a parameter or a failure more is another one


def drawer(catalogue: Mapping[str, type["Journey"]]) -> Drawer:
    """Draws these journeys, and remembers what it drew.

    Args:
        catalogue: journeys by name.
    """

    @lru_cache(KEPT)
    def graph_of(journey: str, values: str) -> Graph | None:
        try:
            return _with_held_out(draw(catalogue[journey], json.loads(values)))
        except UndrawableError:
            return None

    @lru_cache(KEPT)
    def drawn(journey: str, values: str, left_out: frozenset[WayKey]) -> Picture | None:
        graph = graph_of(journey, values)
        return None if graph is None else _picture(_without(graph, left_out))

    def draws(journey: str, values: Mapping[str, Any], left_out: frozenset[WayKey]) -> Picture | None:
        return drawn(journey, json.dumps(values, sort_keys=True), left_out)

    return draws


def _with_held_out(graph: Graph) -> Graph:
    """Those who are left alone stand beside the start; the journey's code knows nothing of them."""
    start, *others = graph.nodes
    card = Node(HELD_OUT, Kind.END, "", "Watched, not contacted", outcomes=("held out",))
    return replace(graph, nodes=(start, card, *others), edges=(Edge(start.id, card.id, "held out"), *graph.edges))


def _without(graph: Graph, left_out: frozenset[WayKey]) -> Graph:
    edges = [edge for edge in graph.edges if (edge.source, edge.target, edge.label) not in left_out]
    reached, work = set[str](), [graph.nodes[0].id]
    while work:
        each = work.pop()
        if each not in reached:
            reached.add(each)
            work += [edge.target for edge in edges if edge.source == each]
    return replace(
        graph,
        nodes=tuple(node for node in graph.nodes if node.id in reached),
        edges=tuple(edge for edge in edges if edge.source in reached),
    )


def _picture(graph: Graph) -> Picture:
    layout: Layout = lay_out(graph, ROOM, narrow=True)
    nodes = {node.id: node for node in graph.nodes}
    return Picture(
        graph.journey,
        graph.title,
        layout.width,
        layout.height,
        tuple(_card(box) for box in layout.cards),
        tuple(_way(line, nodes[line.edge.source]) for line in layout.lines),
        graph.following,
    )


def _card(box: Box) -> Card:
    node = box.node
    return Card(
        id=node.id,
        kind=HELD_OUT if node.id == HELD_OUT else node.kind.value,
        label=box.label,
        detail=box.detail,
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        glyph=glyph(replace(node, kind=Kind.PROFILE)) if node.id == HELD_OUT else glyph(node),
        steps=node.steps,
        outcomes=node.outcomes,
        goal=node.kind is Kind.END and node.goal,
        failure=node.failure,
    )


def _way(line: Line, source: Node) -> Way:
    edge, text = line.edge, line.text
    return Way(
        source=edge.source,
        target=edge.target,
        label=edge.label,
        words=text.lines if text else (),
        failure=edge.kind == OTHERWISE,
        silent=passes_unrecorded(source, edge),
        points=line.points,
        at=(text.x, text.y) if text else (0.0, 0.0),
        anchor=text.anchor if text else "",
    )
