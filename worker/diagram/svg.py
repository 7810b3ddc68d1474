"""The picture as SVG: one file that carries its own look, light and dark."""

from html import escape

from worker.diagram.graph import OTHERWISE, Graph, Kind, Node
from worker.diagram.layout import LINE, Card, Layout, Line, lay_out

# The console's tokens and its rules for the diagram (docs: the picture must stand alone, in a README as in a browser).
STYLE = """
.diagram{--surface:#fff;--sunken:#f1f1ed;--line:#cbcac3;--ink:#1a1d21;--muted:#5a6068;--accent:#0b6170;\
--on-accent:#fff;--flow:#a9cdd3;--light:#80858d;color-scheme:light dark;\
font-family:-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media(prefers-color-scheme:dark){.diagram{--surface:#16191c;--sunken:#1d2125;--line:#3c434a;--ink:#e8eaec;\
--muted:#a2aab2;--accent:#74c6d2;--on-accent:#04252b;--flow:#2c6a76;--light:#868e97}}
.diagram .paper{fill:var(--surface)}
.diagram text{fill:var(--ink);font-size:12px}
.diagram .t{font-size:13.5px;font-weight:600}
.diagram .s,.diagram .w{fill:var(--muted)}
.diagram .w{paint-order:stroke;stroke:var(--surface);stroke-width:4px;stroke-linejoin:round}
.diagram .flow{fill:none;stroke:var(--flow);stroke-width:2.5;stroke-linejoin:round}
.diagram .tip{fill:var(--accent)}
.diagram .otherwise .flow{stroke:var(--light);stroke-width:1.25;stroke-dasharray:4 3}
.diagram .otherwise .tip{fill:var(--light)}
.diagram .card{fill:var(--surface);stroke:var(--line)}
.diagram .check .card,.diagram .choice .card{fill:var(--sunken)}
.diagram .choice .card{stroke-dasharray:2 2}
.diagram .start .card{fill:var(--accent);stroke:var(--accent)}
.diagram .start text{fill:var(--on-accent)}
.diagram .end .card{fill:none}
.diagram .goal .card{stroke:var(--accent)}
.diagram .failure .card{stroke:var(--light);stroke-dasharray:4 3}
.diagram .failure .t{font-weight:400;fill:var(--muted)}
.diagram .glyph{fill:none;stroke:var(--muted);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
.diagram .message .glyph,.diagram .voucher .glyph,.diagram .points .glyph,.diagram .webhook .glyph,\
.diagram .goal .glyph{stroke:var(--accent)}
.diagram .start .glyph{stroke:var(--on-accent)}
"""

_MAIL = "M3.5 3.5h9a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 11V5a1.5 1.5 0 0 1 1.5-1.5zm-1 1.5L8 9l5.5-4"
_TEXT = "M3.5 3h9A1.5 1.5 0 0 1 14 4.5v5a1.5 1.5 0 0 1-1.5 1.5H7l-3 2.500V11h-.5A1.500 1.500 0 0 1 2 9.500v-5A1.500 1.500 0 0 1 3.500 3z"
_ROUTE = "M8 13.500V9M8 9 4 4.500M8 9l4-4.500M4 7.500v-3h3M12 7.500v-3H9"
_CLOCK = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 2.500V8l2.500 1.500"
_RING = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z"
_GLYPHS = {
    Kind.START: "M3 8h8M8 4.500 11.500 8 8 11.500M13.500 3v10",
    Kind.CHECK: "m8 2 6 6-6 6-6-6z",
    Kind.CHOICE: _ROUTE,
    Kind.SPLIT: _ROUTE,
    Kind.WAIT: _CLOCK,
    Kind.WAIT_FOR: _CLOCK,
    Kind.WINDOW: "M3.500 13V3M12.500 13V3M6 8h4M8.500 6.500 10 8l-1.500 1.500",
    Kind.EVENT: "M9 2 4 9h4l-1 5 5-7H8z",
    Kind.MESSAGE: _MAIL,
    Kind.VOUCHER: "M2 4.500h12v2.250a1.250 1.250 0 0 0 0 2.500v2.250H2V9.250a1.250 1.250 0 0 0 0-2.500zM9.500 5v1M9.500 7.500v1M9.500 10v1",
    Kind.POINTS: "M8 3v10M3 8h10",
    Kind.WEBHOOK: "M6 3.500H3.500v9h9V10M9 3h4v4M13 3 7.500 8.500",
    Kind.PROFILE: "M8 2.750a2.750 2.750 0 1 0 0 5.500 2.750 2.750 0 0 0 0-5.500zM2.750 13.500c.750-2.750 2.750-4 5.250-4s4.500 1.250 5.250 4",
    Kind.END: f"{_RING}m0 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
}
_GOAL = f"{_RING}m-2.500 6.250 1.750 1.750 3.250-3.750"
_NAMES = {Kind.WAIT_FOR: "wait", Kind.CHOICE: "decision"}


def as_svg(graph: Graph, *, styled: bool = True) -> str:
    """The picture as an SVG document.

    Args:
        graph: the picture.
        styled: with its own style; without, where the page around it has the rules for `.diagram`.
    """
    layout = lay_out(graph)
    wide, high = round(layout.width), round(layout.height)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" width="{wide}" height="{high}" '
            f'viewBox="0 0 {wide} {high}" role="img" aria-labelledby="diagram-title diagram-desc">',
            f'<title id="diagram-title">{escape(graph.journey)}: {escape(graph.title)}</title>',
            f'<desc id="diagram-desc">{escape(described(graph))}</desc>',
            *([f"<style>{STYLE}</style>"] if styled else []),
            f'<rect class="paper" width="{wide}" height="{high}" rx="12"/>',
            *_lines(layout),
            *(_card(card) for card in layout.cards),
            *(_label(line) for line in layout.lines if line.text),
            "</svg>",
            "",
        ]
    )


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
    if text.anchor == "middle":  # the line runs between the first and the last of them
        above = (len(text.lines) + 1) // 2
        tops = [text.y - 7 - 14 * (above - 1 - n) if n < above else text.y + 16 + 14 * (n - above) for n in range(9)]
    else:
        tops = [text.y + 4 + 14 * (n - (len(text.lines) - 1) / 2) for n in range(9)]
    return "".join(
        f'<text class="w" text-anchor="{text.anchor}" x="{text.x:.1f}" y="{y:.1f}">{escape(words)}</text>'
        for words, y in zip(text.lines, tops, strict=False)
    )


def _card(card: Card) -> str:
    node = card.node
    radius = card.height / 2 if node.kind is Kind.END and card.height < 44 else 10
    goal = node.kind is Kind.END and node.goal
    classes = " ".join([node.kind.value, *(["goal"] if goal else []), *(["failure"] if node.failure else [])])
    lines = [("t", words) for words in card.label] + [("s", words) for words in card.detail]
    first = card.centre - LINE * (len(lines) - 1) / 2 + 4.5
    texts = "".join(
        f'<text class="{style}" x="{card.x + 42:.1f}" y="{first + LINE * number:.1f}">{escape(words)}</text>'
        for number, (style, words) in enumerate(lines)
    )
    return (
        f'<g class="{classes}" data-node="{escape(node.id)}">'
        f"<title>{escape(_spoken(node))}</title>"
        f'<rect class="card" x="{card.x:.1f}" y="{card.y:.1f}" width="{card.width:.1f}" height="{card.height:.1f}" '
        f'rx="{radius:.0f}"/>'
        f'<path class="glyph" transform="translate({card.x + 14:.1f} {card.centre - 8:.1f})" d="{_glyph(node)}"/>'
        f"{texts}</g>"
    )


def _glyph(node: Node) -> str:
    if node.kind is Kind.END and node.goal:
        return _GOAL
    if node.kind is Kind.CHECK and node.step.startswith("reachable-by"):
        return _ROUTE
    if node.kind is Kind.MESSAGE and all("-sms" in step for step in node.steps):
        return _TEXT
    return _GLYPHS[node.kind]


def _spoken(node: Node) -> str:
    kind = _NAMES.get(node.kind, node.kind.value)
    return f"{kind}: {node.label}" + (f", {node.detail}" if node.detail else "")
