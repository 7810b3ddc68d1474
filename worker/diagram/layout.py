"""The picture in pixels: how large each card is, where it stands, and how the lines run."""

from collections import defaultdict
from dataclasses import replace

from worker.diagram.graph import Graph, Kind
from worker.diagram.grid import MAIN_COLUMN, Cell, arrange
from worker.diagram.routes import Router
from worker.diagram.shapes import DETAIL, GAP, INDENT, LABEL, LINE, PADDING, SAID, SAID_WIDTH, Card, Layout, Line
from worker.diagram.text_width import width, wrap

_MAIN_WIDTH, _SIDE_WIDTH, _LEFT_WIDTH = 290.0, 240.0, 226.0
_MARGIN = 16.0


def lay_out(graph: Graph, room: float = 0.0, *, narrow: bool = False) -> Layout:
    """Give every card its place and every line its way.

    Args:
        graph: the picture.
        room: left free for a number, in pixels: at the end of each card and beside the label of each line.
        narrow: nothing stands to the left of the main column.
    """
    cells = arrange(graph, narrow=narrow)
    cards = _cards(graph, cells, room)
    lines = Router(graph, cards, cells).lines()
    extents = [*(card.right for card in cards.values()), *(right for line in lines for right in _reach(line, room))]
    lefts = [*(card.x for card in cards.values()), *(left for line in lines for left in _reach(line, room))]
    left = min(lefts) - _MARGIN
    bottom = max(card.bottom for card in cards.values())
    return _moved(Layout(max(extents) + _MARGIN - left, bottom + _MARGIN, tuple(cards.values()), lines), -left)


def _reach(line: Line, room: float) -> list[float]:
    """How far a line and its label go to either side."""
    found = [x for x, _ in line.points]
    if line.text:
        wide = max(width(words, SAID) for words in line.text.lines) + room
        share = {"start": 0.0, "end": 1.0}.get(line.text.anchor, 0.5)
        found += [line.text.x - wide * share, line.text.x + wide * (1 - share)]
    return found


def _moved(layout: Layout, by: float) -> Layout:
    cards = tuple(replace(card, x=card.x + by) for card in layout.cards)
    lines = tuple(
        Line(
            line.edge,
            tuple((x + by, y) for x, y in line.points),
            line.text and replace(line.text, x=line.text.x + by),
        )
        for line in layout.lines
    )
    return Layout(layout.width, layout.height, cards, lines)


def _cards(graph: Graph, cells: dict[str, Cell], free: float) -> dict[str, Card]:
    columns = _columns(graph, cells, free)
    sized: dict[str, Card] = {}
    heights: dict[int, float] = defaultdict(float)
    hanging = {edge.target for edge in graph.edges if cells[edge.source].column == cells[edge.target].column}
    for node in graph.nodes:
        cell = cells[node.id]
        x, wide = columns[cell.column]
        room = wide - INDENT - PADDING
        small = node.kind is Kind.END
        if small:
            room += PADDING
        elif node.kind is not Kind.CHOICE:
            room -= free
        label = tuple(wrap(node.label, LABEL, room, bold=True))
        detail = tuple(wrap(node.detail, DETAIL, room))
        if small:
            own = max(width(line, LABEL, bold=True) for line in label) + INDENT + PADDING + 6
            if cell.column < MAIN_COLUMN:
                x += wide - own  # close to its card
            elif node.id in hanging:
                x += (wide - own) / 2
            wide = own
        height = LINE * (len(label) + len(detail)) + (23 if small else 24)
        sized[node.id] = Card(node, x, 0, wide, max(height, 40 if small else 46), label, detail)
        heights[cell.row] = max(heights[cell.row], sized[node.id].height)
    tops: dict[int, float] = {}
    y = _MARGIN
    for row in range(max(heights) + 1):
        tops[row] = y
        y += heights[row] + GAP
    placed: dict[str, Card] = {}
    for name, card in sized.items():
        row = cells[name].row
        top = tops[row] + (heights[row] - card.height) / 2
        placed[name] = replace(card, y=top)
    return placed


def _columns(graph: Graph, cells: dict[str, Cell], free: float) -> dict[int, tuple[float, float]]:
    """Left side and width of each column; between two there is room for the labels of the lines that cross."""
    needed: dict[int, float] = defaultdict(lambda: 44.0)  # right of each column
    for edge in graph.edges:
        a, b = cells[edge.source].column, cells[edge.target].column
        if a != b:
            words = wrap(edge.label, SAID, SAID_WIDTH)
            room = max((width(line, SAID) for line in words), default=0) + 46 + free
            needed[min(a, b)] = max(needed[min(a, b)], room)
    found: dict[int, tuple[float, float]] = {}
    x = 0.0
    for column in range(min(c.column for c in cells.values()), max(c.column for c in cells.values()) + 1):
        wide = _MAIN_WIDTH if column == MAIN_COLUMN else _SIDE_WIDTH if column > MAIN_COLUMN else _LEFT_WIDTH
        found[column] = (x, wide)
        x += wide + needed[column]
    return found
