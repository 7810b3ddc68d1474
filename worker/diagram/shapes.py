"""What a laid-out picture consists of: cards, lines and their labels, in pixels from the upper left corner."""

from dataclasses import dataclass

from worker.diagram.graph import Edge, Node

LABEL, DETAIL, SAID = 13.5, 12.0, 12.0  # font sizes
LINE = 17.0  # from one line of text to the next
INDENT, PADDING = 42.0, 14.0  # of the text in a card, beside the glyph and at the end
GAP = 40.0  # between rows
SAID_WIDTH = 156.0  # a label on a horizontal line is wrapped at this


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
    """A label of a line.

    Attributes:
        x: of its anchor.
        y: of the middle of its lines; of the line it is about, if that is horizontal.
        lines: of text.
        anchor: `start` or `end` beside a vertical line; `above`, `below` or, with the line between, `middle`.
    """

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
