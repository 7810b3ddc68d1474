"""Where each card stands: in which column and row.

What most customers meet stands in one column from top to bottom; a shorter branch stands to the right of its
card, in the same row where there is room. Failures of the main column stand to its left, out of the way, where the
picture may be as wide.
"""

from collections import defaultdict
from dataclasses import dataclass

from worker.diagram.graph import OTHERWISE, Edge, Graph, Kind

MAIN_COLUMN = 0


@dataclass(frozen=True)
class Cell:
    """A place on the grid; columns left of the main one are negative."""

    column: int
    row: int


def arrange(graph: Graph, *, narrow: bool = False) -> dict[str, Cell]:
    """The cell of each node, by id.

    Args:
        graph: the picture.
        narrow: nothing stands to the left of the main column.
    """
    grid = _Grid(graph, narrow=narrow)
    grid.put(graph.nodes[0].id, MAIN_COLUMN, 0, frozenset())
    return grid.cells


class _Grid:
    def __init__(self, graph: Graph, *, narrow: bool) -> None:
        self.graph = graph
        self.narrow = narrow
        self.nodes = {node.id: node for node in graph.nodes}
        self.out: dict[str, list[Edge]] = defaultdict(list)
        for edge in graph.edges:
            self.out[edge.source].append(edge)
        self.cells: dict[str, Cell] = {}
        self.free: dict[int, int] = defaultdict(int)  # the first free row of each column

    def put(self, node: str, column: int, row: int, kept: frozenset[str]) -> None:
        """Place a node and what hangs on it.

        Args:
            node: its id.
            column: where.
            row: the first that will do.
            kept: nodes that belong to a column further left and are placed from there.
        """
        below, beside = self._parted(node, kept)
        to_the_left = column == MAIN_COLUMN and not self.narrow
        wrong = [edge for edge in beside if to_the_left and self._is_failure(edge)]
        beside = [edge for edge in beside if edge not in wrong]
        row = max(row, self.free[column])
        if beside:
            row = max(row, self.free[column + 1])
        if wrong:
            row = max(row, self.free[column - 1])
        self.cells[node] = Cell(column, row)
        self.free[column] = row + 1
        later = kept | (self._reach(below.target) if below else frozenset())
        for number, edge in enumerate(wrong):
            self._leave(edge.target, column - 1, row + number)
        for number, edge in enumerate(beside):
            if edge.target not in self.cells and edge.target not in later:
                others = frozenset[str]().union(*(self._reach(other.target) for other in beside[number + 1 :]))
                self.put(edge.target, column + 1, row, later | (others & self._shared(edge, beside)))
        if below and below.target not in self.cells:
            self.put(below.target, column, row + 1, kept)

    def _shared(self, edge: Edge, beside: list[Edge]) -> frozenset[str]:
        """Neighbours are not each other's continuation: each stands in its own row."""
        return frozenset(other.target for other in beside if other is not edge)

    def _leave(self, node: str, column: int, row: int) -> None:
        row = max(row, self.free[column])
        self.cells[node] = Cell(column, row)
        self.free[column] = row + 1

    def _is_failure(self, edge: Edge) -> bool:
        return edge.kind == OTHERWISE and self.nodes[edge.target].kind is Kind.END

    def _parted(self, node: str, kept: frozenset[str]) -> tuple[Edge | None, list[Edge]]:
        """What goes on below, and what stands beside."""
        out = [edge for edge in self.out[node] if edge.target not in self.cells and edge.target not in kept]
        main = [edge for edge in out if edge.kind != OTHERWISE]
        if not main:
            return (out[0], out[1:]) if len(out) == 1 and len(self.out[node]) == 1 else (None, out)
        below = max(main, key=lambda edge: self._weight(node, edge))
        return below, sorted((edge for edge in out if edge is not below), key=lambda edge: edge.kind == OTHERWISE)

    def _weight(self, node: str, edge: Edge) -> tuple[bool, int]:
        """Who has not reached the goal goes on below; of anything else what takes longest."""
        return self.nodes[node].goal and edge.label == "no", len(self._reach(edge.target))

    def _reach(self, node: str) -> frozenset[str]:
        """What comes after a node and has no place yet."""
        found: set[str] = set()
        work = [node]
        while work:
            each = work.pop()
            if each not in found and each not in self.cells:
                found.add(each)
                work.extend(edge.target for edge in self.out[each])
        return frozenset(found)
