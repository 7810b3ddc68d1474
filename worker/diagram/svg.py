"""The picture as SVG: one file that carries its own look, light and dark."""

from html import escape

from worker.diagram.graph import OTHERWISE, Graph, Kind, Node
from worker.diagram.layout import lay_out
from worker.diagram.look import STYLE, glyph
from worker.diagram.shapes import INDENT, LINE, Card, Layout, Line

_SAID_LINE = 14  # from one line of a label to the next
_NAMES = {Kind.WAIT_FOR: "wait", Kind.CHOICE: "decision"}


def as_svg(graph: Graph, *, styled: bool = True) -> str:
    """The picture as an SVG document.

    Args:
        graph: the picture.
        styled: with its own style; without, where the page around it has the rules for `.diagram`.
    """
    layout = lay_out(graph)
    wide, high = round(layout.width), round(layout.height)
    begin = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" role="img" aria-labelledby="diagram-title diagram-desc">'
    )
    parts = [
        begin,
        f'<title id="diagram-title">{escape(graph.journey)}: {escape(graph.title)}</title>',
        f'<desc id="diagram-desc">{escape(described(graph))}</desc>',
        *([f"<style>{STYLE}</style>"] if styled else []),
        f'<rect class="paper" width="{wide}" height="{high}" rx="12"/>',
        *_lines(layout),
        *(_card(card) for card in layout.cards),
        *(_label(line) for line in layout.lines if line.text),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def described(graph: Graph) -> str:
    """The picture in sentences, for those who cannot see it."""
    labels = {node.id: node.label for node in graph.nodes}
    sentences = []
    for node in graph.nodes:
        ways = "; ".join(
            f"{edge.label}: {labels[edge.target]}" if edge.label else labels[edge.target]
            for edge in graph.after(node.id)
        )
        if ways:
            sentences.append(f"{node.label} → {ways}.")
    return " ".join(sentences)


def _lines(layout: Layout) -> list[str]:
    # The lighter lines lie below, so that where they cross the main way stays whole.
    return [_line(line) for line in sorted(layout.lines, key=lambda line: line.edge.kind != OTHERWISE)]


def _line(line: Line) -> str:
    points = line.points
    path = f"M{_xy(points[0])}" + "".join(f"L{_xy(point)}" for point in points[1:])
    (x0, y0), (x, y) = points[-2:]
    if abs(x - x0) < abs(y - y0):
        back = 7 if y < y0 else -7
        tip = f"M{x - 4.5:.1f} {y + back:.1f}h9L{_xy((x, y))}z"
    else:
        back = 7 if x < x0 else -7
        tip = f"M{x + back:.1f} {y - 4.5:.1f}v9L{_xy((x, y))}z"
    return f'<g class="edge {line.edge.kind}"><path class="flow" d="{path}"/><path class="tip" d="{tip}"/></g>'


def _xy(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _label(line: Line) -> str:
    text = line.text
    if text is None:
        return ""
    count = len(text.lines)
    above = {"above": count, "middle": (count + 1) // 2}.get(text.anchor, 0)
    if text.anchor in {"start", "end"}:
        tops = [text.y + 4 + _SAID_LINE * (number - (count - 1) / 2) for number in range(count)]
    else:
        tops = [text.y - 7 - _SAID_LINE * (above - 1 - number) for number in range(above)]
        tops += [text.y + 16 + _SAID_LINE * number for number in range(count - above)]
    anchor = text.anchor if text.anchor in {"start", "end"} else "middle"
    return "".join(
        f'<text class="w" text-anchor="{anchor}" x="{text.x:.1f}" y="{y:.1f}">{escape(words)}</text>'
        for words, y in zip(text.lines, tops, strict=True)
    )


def _card(card: Card) -> str:
    node = card.node
    radius = 20 if node.kind is Kind.END else 10
    goal = node.kind is Kind.END and node.goal and not node.failure
    classes = " ".join([node.kind.value, *(["goal"] if goal else []), *(["failure"] if node.failure else [])])
    lines = [("t", words) for words in card.label] + [("s", words) for words in card.detail]
    first = card.centre - LINE * (len(lines) - 1) / 2 + 4.5
    texts = "".join(
        f'<text class="{style}" x="{card.x + INDENT:.1f}" y="{first + LINE * number:.1f}">{escape(words)}</text>'
        for number, (style, words) in enumerate(lines)
    )
    return (
        f'<g class="{classes}" data-node="{escape(node.id)}">'
        f"<title>{escape(_spoken(node))}</title>"
        f'<rect class="card" x="{card.x:.1f}" y="{card.y:.1f}" width="{card.width:.1f}" height="{card.height:.1f}" '
        f'rx="{radius:.0f}"/>'
        f'<path class="glyph" transform="translate({card.x + 14:.1f} {card.centre - 8:.1f})" d="{glyph(node)}"/>'
        f"{texts}</g>"
    )


def _spoken(node: Node) -> str:
    kind = _NAMES.get(node.kind, node.kind.value)
    return f"{kind}: {node.label}" + (f", {node.detail}" if node.detail else "")
