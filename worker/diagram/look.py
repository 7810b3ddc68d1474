"""How the picture looks: the console's colours and glyphs, for light and dark."""

from worker.diagram.graph import Kind, Node

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

_MAIL = (
    "M3.5 3.5h9A1.5 1.5 0 0 1 14 5v6a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 11V5"
    "a1.5 1.5 0 0 1 1.5-1.5zm-1 1.5L8 9l5.5-4"
)
_SMS = (
    "M3.5 3h9A1.5 1.5 0 0 1 14 4.5v5a1.5 1.5 0 0 1-1.5 1.5H7l-3 2.5V11h-.5A1.5 1.5 0 0 1 2 9.5v-5A1.5 1.5 0 0 1 3.5 3z"
)
_ROUTE = "M8 13.5V9M8 9 4 4.5M8 9l4-4.5M4 7.5v-3h3M12 7.5v-3H9"
_CLOCK = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 2.5V8l2.5 1.5"
_RING = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z"
_GLYPHS = {
    Kind.START: "M3 8h8M8 4.5 11.5 8 8 11.5M13.5 3v10",
    Kind.CHECK: "m8 2 6 6-6 6-6-6z",
    Kind.CHOICE: _ROUTE,
    Kind.SPLIT: _ROUTE,
    Kind.WAIT: _CLOCK,
    Kind.WAIT_FOR: _CLOCK,
    Kind.WINDOW: "M3.5 13V3M12.5 13V3M6 8h4M8.5 6.5 10 8l-1.5 1.5",
    Kind.EVENT: "M9 2 4 9h4l-1 5 5-7H8z",
    Kind.MESSAGE: _MAIL,
    Kind.VOUCHER: "M2 4.5h12v2.25a1.25 1.25 0 0 0 0 2.5v2.25H2V9.25a1.25 1.25 0 0 0 0-2.5zM9.5 5v1M9.5 7.5v1M9.5 10v1",
    Kind.POINTS: "M8 3v10M3 8h10",
    Kind.WEBHOOK: "M6 3.5H3.5v9h9V10M9 3h4v4M13 3 7.5 8.5",
    Kind.PROFILE: (
        "M8 2.75a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM2.75 13.5c.75-2.75 2.75-4 5.25-4s4.5 1.25 5.25 4"
    ),
    Kind.END: f"{_RING}m0 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
}
_GOAL = f"{_RING}m-2.5 6.25 1.75 1.75 3.25-3.75"


def glyph(node: Node) -> str:
    """The path of a card's glyph, on a field of 16 by 16."""
    if node.kind is Kind.END and node.goal and not node.failure:
        return _GOAL
    if node.kind is Kind.CHECK and node.step.startswith("reachable-by"):
        return _ROUTE
    if node.kind is Kind.MESSAGE and all("-sms" in step for step in node.steps):
        return _SMS
    return _GLYPHS[node.kind]
