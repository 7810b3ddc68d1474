"""The picture in pixels: how large each card is, where it stands, and how the lines run."""

from collections import defaultdict
from dataclasses import dataclass

from worker.diagram.graph import Edge, Graph, Kind, Node
from worker.diagram.grid import MAIN_COLUMN, Cell, arrange
from worker.diagram.text_width import width, wrap

LABEL, DETAIL, SAID = 13.5, 12.0, 12.0  # font sizes
LINE = 17.0  # from one line of text to the next
INDENT, PADDING = 42.0, 14.0  # of the text in a card, beside the glyph and at the end
_MAIN_WIDTH, _SIDE_WIDTH, _LEFT_WIDTH = 290.0, 236.0, 196.0
_GAP = 40.0  # between rows
_MARGIN = 16.0
_SAID_WIDTH = 116.0  # a label on a horizontal line is wrapped at this


@dataclass(frozen=True)
class Card:
    """A node with its place: left, top, width and height in pixels, and its text in lines."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    label: tuple[str, ...]
    detail: tuple[str, ...]

    @property
    def middle(self) -> float:
        """The x of its middle."""
        return self.x + self.width / 2

    @property
    def centre(self) -> float:
        """The y of its centre."""
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        """The x of its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower side."""
        return self.y + self.height


@dataclass(frozen=True)
class Text:
    """A label of a line: where, in which lines, and from where it runs (start, middle, end)."""

    x: float
    y: float
    lines: tuple[str, ...]
    anchor: str


@dataclass(frozen=True)
class Line:
    """An edge with its corners, in pixels; its tip is at the last one."""

    edge: Edge
    points: tuple[tuple[float, float], ...]
    text: Text | None


@dataclass(frozen=True)
class Layout:
    """The whole picture in pixels."""

    width: float
    height: float
    cards: tuple[Card, ...]
    lines: tuple[Line, ...]


def lay_out(graph: Graph) -> Layout:
    """Give every card its place and every line its way."""
    cells = arrange(graph)
    cards = _cards(graph, cells)
    lines = tuple(_Router(cards, cells).line(edge) for edge in graph.edges)
    extents = [*(card.right for card in cards.values()), *(right for line in lines for right in _reach(line))]
    lefts = [*(card.x for card in cards.values()), *(left for line in lines for left in _reach(line))]
    left = min(lefts) - _MARGIN
    bottom = max(card.bottom for card in cards.values())
    return _moved(Layout(max(extents) + _MARGIN - left, bottom + _MARGIN, tuple(cards.values()), lines), -left)


def _reach(line: Line) -> list[float]:
    """How far a line and its label go to either side."""
    found = [x for x, _ in line.points]
    if line.text:
        wide = max(width(words, SAID) for words in line.text.lines)
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[line.text.anchor]
        found += [line.text.x - wide * share, line.text.x + wide * (1 - share)]
    return found


def _moved(layout: Layout, by: float) -> Layout:
    cards = tuple(
        Card(card.node, card.x + by, card.y, card.width, card.height, card.label, card.detail) for card in layout.cards
    )
    lines = tuple(
        Line(
            line.edge,
            tuple((x + by, y) for x, y in line.points),
            line.text and Text(line.text.x + by, line.text.y, line.text.lines, line.text.anchor),
        )
        for line in layout.lines
    )
    return Layout(layout.width, layout.height, cards, lines)


def _cards(graph: Graph, cells: dict[str, Cell]) -> dict[str, Card]:
    columns = _columns(graph, cells)
    sized: dict[str, Card] = {}
    heights: dict[int, float] = defaultdict(float)
    for node in graph.nodes:
        cell = cells[node.id]
        x, wide = columns[cell.column]
        room = wide - INDENT - PADDING
        label = tuple(wrap(node.label, LABEL, room, bold=True))
        detail = tuple(wrap(node.detail, DETAIL, room))
        small = node.kind is Kind.END
        wide = min(wide, max(width(line, LABEL, bold=True) for line in label) + INDENT + PADDING + 6) if small else wide
        height = LINE * (len(label) + len(detail)) + (23 if small else 24)
        if small and cell.column < MAIN_COLUMN:
            x += columns[cell.column][1] - wide  # beside its card
        sized[node.id] = Card(node, x, 0, wide, max(height, 40 if small else 46), label, detail)
        heights[cell.row] = max(heights[cell.row], sized[node.id].height)
    tops: dict[int, float] = {}
    y = _MARGIN
    for row in range(max(heights) + 1):
        tops[row] = y
        y += heights[row] + _GAP
    placed: dict[str, Card] = {}
    for id_, card in sized.items():
        row = cells[id_].row
        top = tops[row] + (heights[row] - card.height) / 2
        placed[id_] = Card(card.node, card.x, top, card.width, card.height, card.label, card.detail)
    return placed


def _columns(graph: Graph, cells: dict[str, Cell]) -> dict[int, tuple[float, float]]:
    """Left side and width of each column; between two there is room for the labels of the lines that cross."""
    needed: dict[int, float] = defaultdict(lambda: 44.0)  # right of each column
    for edge in graph.edges:
        a, b = cells[edge.source].column, cells[edge.target].column
        if a != b:
            words = wrap(edge.label, SAID, _SAID_WIDTH)
            room = max((width(line, SAID) for line in words), default=0) + 46
            needed[min(a, b)] = max(needed[min(a, b)], room)
    found: dict[int, tuple[float, float]] = {}
    x = 0.0
    for column in range(min(c.column for c in cells.values()), max(c.column for c in cells.values()) + 1):
        wide = _MAIN_WIDTH if column == MAIN_COLUMN else _SIDE_WIDTH if column > MAIN_COLUMN else _LEFT_WIDTH
        found[column] = (x, wide)
        x += wide + needed[column]
    return found


class _Router:
    """Lines run through the gaps between rows and the gutters between columns, where no card stands."""

    def __init__(self, cards: dict[str, Card], cells: dict[str, Cell]) -> None:
        self.cards = cards
        self.cells = cells
        self.tracks: dict[str, int] = defaultdict(int)  # lines that came to a card by a detour

    def line(self, edge: Edge) -> Line:
        """The way of an edge."""
        source, target = self.cards[edge.source], self.cards[edge.target]
        a, b = self.cells[edge.source], self.cells[edge.target]
        if a.column == b.column and b.row > a.row and not self._between(a, b):
            return self._down(edge, source, target)
        if b.column == a.column + 1 and b.row >= a.row and not self._stands(b, edge.target):
            return self._right(edge, source, target)
        if b.column == a.column - 1 and b.row >= a.row and target.node.kind is Kind.END:
            return self._left(edge, source, target)
        if a.column == b.column and b.row <= a.row:
            return self._back(edge, source, target)
        return self._around(edge, source, target, a, b)

    def _between(self, a: Cell, b: Cell) -> bool:
        return any(cell.column == a.column and a.row < cell.row < b.row for cell in self.cells.values())

    def _stands(self, cell: Cell, node: str) -> bool:
        """Whether a card has another one right above it that leads to it: then its left side is not for others."""
        return any(other.row == cell.row - 1 and other.column == cell.column for id_, other in self.cells.items()) and (
            self.cards[node].node.kind is not Kind.END and False
        )

    def _down(self, edge: Edge, source: Card, target: Card) -> Line:
        x = source.x + min(source.width, target.width) / 2 if source.width != target.width else source.middle
        text = Text(x + 10, (source.bottom + min(target.y, source.bottom + _GAP)) / 2, (edge.label,), "start")
        return Line(edge, ((x, source.bottom), (x, target.y)), text if edge.label else None)

    def _right(self, edge: Edge, source: Card, target: Card) -> Line:
        if abs(source.centre - target.centre) < 1:
            points: tuple[tuple[float, float], ...] = ((source.right, source.centre), (target.x, target.centre))
            start = source.right
        else:
            start = source.right + 18
            points = ((source.right, source.centre), (start, source.centre), (start, target.centre))
            points = (*points, (target.x, target.centre))
        return Line(edge, points, self._over(edge, start, target.x - 6, target.centre))

    def _left(self, edge: Edge, source: Card, target: Card) -> Line:
        if abs(source.centre - target.centre) < 1:
            points: tuple[tuple[float, float], ...] = ((source.x, source.centre), (target.right, target.centre))
            start = source.x
        else:
            start = source.x - 18
            points = ((source.x, source.centre), (start, source.centre), (start, target.centre))
            points = (*points, (target.right, target.centre))
        return Line(edge, points, self._over(edge, target.right + 6, start, target.centre))

    def _over(self, edge: Edge, start: float, end: float, y: float) -> Text | None:
        """A label on a horizontal line: above it, and below it what does not fit."""
        lines = tuple(wrap(edge.label, SAID, _SAID_WIDTH))
        return Text((start + end) / 2, y, lines, "middle") if lines else None

    def _back(self, edge: Edge, source: Card, target: Card) -> Line:
        """A loop comes back on the left."""
        self.tracks[target.node.id] += 1
        x = min(source.x, target.x) - 12 - 10 * self.tracks[target.node.id]
        down, up = source.centre + 12, target.centre + 10
        lines = tuple(wrap(edge.label, SAID, _SAID_WIDTH))
        text = Text(x - 8, (down + up) / 2, lines, "end") if lines else None
        return Line(edge, ((source.x, down), (x, down), (x, up), (target.x, up)), text)

    def _around(self, edge: Edge, source: Card, target: Card, a: Cell, b: Cell) -> Line:
        """From below the one to above the other."""
        self.tracks[target.node.id] += 1
        shift = 12.0 * self.tracks[target.node.id]
        below, above = source.bottom + 12 + shift / 3, target.y - 12 - shift / 3
        x = target.middle + (shift if a.column > b.column else -shift)
        if b.row == a.row + 1:
            corners: tuple[tuple[float, float], ...] = ((source.middle, above), (x, above))
        else:
            gutter = target.right + shift if a.column > b.column else source.right + shift
            corners = ((source.middle, below), (gutter, below), (gutter, above), (x, above))
        text = Text(source.middle + 10, source.bottom + 12, (edge.label,), "start") if edge.label else None
        return Line(edge, ((source.middle, source.bottom), *corners, (x, target.y)), text)
