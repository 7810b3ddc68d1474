"""How the lines run: through the gaps between rows and the gutters between columns, where no card stands."""

from collections import defaultdict

from worker.diagram.graph import Edge, Graph, Kind
from worker.diagram.grid import Cell
from worker.diagram.shapes import GAP, SAID_WIDTH, Card, Line, Text
from worker.diagram.text_width import wrap

_TRACK = 11.0  # between lines that run side by side
_DEEPER, _APART = 16.0, 60.0  # of a second line that leaves a card below: its label stands beside the first one's
_PORT = 9.0  # above and below the middle of a side where several lines arrive


class Router:
    """Finds the way of every line of a picture."""

    def __init__(self, graph: Graph, cards: dict[str, Card], cells: dict[str, Cell]) -> None:
        self.graph = graph
        self.cards = cards
        self.cells = cells
        self.taken = set(cells.values())
        self.tracks: dict[tuple[int, str], int] = defaultdict(int)  # lines along a side of a column
        self.leaving: dict[str, int] = defaultdict(int)  # lines that leave a card below, to another column

    def lines(self) -> tuple[Line, ...]:
        """All lines, in the order of the edges."""
        arriving: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.graph.edges:
            if self._goes_right(edge):
                arriving[edge.target].append(edge)
        # Short ones first: the longer a line, the further out it runs, so that none crosses another.
        order = sorted(self.graph.edges, key=self._length)
        found = {id(edge): self._line(edge, arriving[edge.target]) for edge in order}
        return tuple(found[id(edge)] for edge in self.graph.edges)

    def _length(self, edge: Edge) -> int:
        return abs(self.cells[edge.source].row - self.cells[edge.target].row)

    def _goes_right(self, edge: Edge) -> bool:
        a, b = self.cells[edge.source], self.cells[edge.target]
        return b.column == a.column + 1 and b.row >= a.row

    def _line(self, edge: Edge, arriving: list[Edge]) -> Line:
        source, target = self.cards[edge.source], self.cards[edge.target]
        a, b = self.cells[edge.source], self.cells[edge.target]
        if self._goes_right(edge):
            return self._sideways(edge, source.right, target.x, self._port(edge, arriving))
        if b.column == a.column - 1 and b.row >= a.row and target.node.kind is Kind.END:
            return self._sideways(edge, source.x, target.right, 0)
        if a.column != b.column:
            return self._around(edge, source, target, a, b)
        if b.row <= a.row:
            return self._back(edge, source, target, a.column)
        if any(Cell(a.column, row) in self.taken for row in range(a.row + 1, b.row)):
            return self._past(edge, source, target, a.column)
        return self._down(edge, source, target)

    def _port(self, edge: Edge, arriving: list[Edge]) -> float:
        """Where on the left side of its target it arrives, from the middle: what comes from above arrives above."""
        if len(arriving) == 1:
            return 0
        ranked = sorted(arriving, key=lambda each: self.cells[each.source].row)
        return (ranked.index(edge) - (len(ranked) - 1) / 2) * 2 * _PORT

    def _down(self, edge: Edge, source: Card, target: Card) -> Line:
        x = target.middle
        text = Text(x + 10, source.bottom + GAP / 2, (edge.label,), "start") if edge.label else None
        return Line(edge, ((x, source.bottom), (x, target.y)), text)

    def _sideways(self, edge: Edge, start: float, end: float, port: float) -> Line:
        """To a card beside, or below the one beside."""
        source, target = self.cards[edge.source], self.cards[edge.target]
        y = target.centre + port
        way = 1 if end > start else -1
        if abs(source.centre - target.centre) < 1:
            points: tuple[tuple[float, float], ...] = ((start, y), (end, y))
        else:
            trunk = start + way * (self._track(self.cells[edge.source].column, "right" if way > 0 else "left") + 4)
            points = ((start, source.centre), (trunk, source.centre), (trunk, y), (end, y))
            start = trunk
        lines = tuple(wrap(edge.label, 12, SAID_WIDTH))
        anchor = "above" if port < 0 else "below" if port > 0 else "middle"
        return Line(edge, points, Text((start + end - way * 6) / 2, y, lines, anchor) if lines else None)

    def _past(self, edge: Edge, source: Card, target: Card, column: int) -> Line:
        """Past other cards of the column, on its right."""
        x = max(source.right, target.right) + self._track(column, "right")
        leave, arrive = source.centre + 12, target.centre - 12
        text = Text(x + 8, leave, tuple(wrap(edge.label, 12, SAID_WIDTH)), "start") if edge.label else None
        return Line(edge, ((source.right, leave), (x, leave), (x, arrive), (target.right, arrive)), text)

    def _back(self, edge: Edge, source: Card, target: Card, column: int) -> Line:
        """A loop comes back on the left; one of a single card leaves it below and comes back above."""
        x = min(source.x, target.x) - self._track(column, "left")
        leave, arrive = source.centre + 12, target.centre + (10 if target is not source else -12)
        lines = tuple(wrap(edge.label, 12, SAID_WIDTH))
        text = Text(x - 8, (leave + arrive) / 2, lines, "end") if lines else None
        return Line(edge, ((source.x, leave), (x, leave), (x, arrive), (target.x, arrive)), text)

    def _track(self, column: int, side: str) -> float:
        self.tracks[column, side] += 1
        return 5 + _TRACK * self.tracks[column, side]

    def _around(self, edge: Edge, source: Card, target: Card, a: Cell, b: Cell) -> Line:
        """To another column: out below the one card, along a gutter, in at the side of the other."""
        leftwards = a.column > b.column
        others, self.leaving[edge.source] = self.leaving[edge.source], self.leaving[edge.source] + 1
        below = source.bottom + GAP / 4 + others * _DEEPER
        out = source.middle + others * (_APART if leftwards else -_APART)
        arrive = target.centre + (-12 if self.cells[edge.source].row < b.row else 12)
        if leftwards:
            gutter, side = target.right + self._track(b.column, "right"), target.right
        else:
            gutter, side = target.x - self._track(b.column, "left"), target.x
        text = Text(out + 10, below + 1, (edge.label,), "start") if edge.label else None
        corners = ((out, source.bottom), (out, below), (gutter, below), (gutter, arrive))
        return Line(edge, (*corners, (side, arrive)), text)
