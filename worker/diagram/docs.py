"""The pictures of all journeys in the documentation: one SVG a journey, and a page with its steps in words."""

from pathlib import Path

import workflows
from worker.diagram.draw import draw
from worker.diagram.graph import Graph, Kind
from worker.diagram.mermaid import as_mermaid
from worker.diagram.svg import as_svg
from workflows.journey import Journey


def write_docs(folder: Path) -> list[Path]:
    """Write ``NAME.svg`` and ``NAME.md`` for every journey.

    Args:
        folder: where, created if it is missing; files of other names are left alone.

    Returns:
        The files.

    Raises:
        UndrawableError: a journey's code cannot be followed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in documents().items():
        path = folder / name
        path.write_text(content, encoding="utf-8")
        written.append(path)
    return written


def documents() -> dict[str, str]:
    """What `write_docs` writes, by the name of the file."""
    found = {}
    for name, journey in workflows.catalogue().items():
        graph = draw(journey)
        found[f"{name}.svg"] = as_svg(graph)
        found[f"{name}.md"] = _page(journey, graph)
    return found


def _page(journey: type[Journey], graph: Graph) -> str:
    window = journey.resolve({}).get("send_window")
    facts = [
        f"- Begins with `{journey.trigger.event_type}`"
        + (f", where {graph.nodes[0].detail}." if graph.nodes[0].detail else "."),
        f"- Re-entry: {journey.reentry.value}.",
        *([f"- Marketing messages go out {window['opens']}–{window['closes']}, customer’s clock."] if window else []),
        *([f"- Ends at any moment with `{journey.exit_on.type}`."] if journey.exit_on else []),
    ]
    return "\n".join(
        [
            f"# {graph.journey}",
            "",
            graph.title,
            "",
            *facts,
            "",
            f"![{graph.journey}, step by step; the text below says the same]({graph.journey}.svg)",
            "",
            "Dashed lines are taken when something fails. Customers may also leave at any moment: by opting out,",
            "when they are erased, or when staff cancel.",
            "",
            "## Step by step",
            "",
            "| step | | then |",
            "|---|---|---|",
            *_rows(graph),
            "",
            "## As Mermaid",
            "",
            "```mermaid",
            as_mermaid(graph).rstrip(),
            "```",
            "",
            "Drawn from the code by `sojourn diagram`; do not edit.",
            "",
        ]
    )


def _rows(graph: Graph) -> list[str]:
    labels = {node.id: node.label for node in graph.nodes}
    rows = []
    for node in graph.nodes:
        if node.kind is Kind.END:
            continue
        ways = "<br>".join(
            f"{edge.label}: {labels[edge.target]}" if edge.label else labels[edge.target]
            for edge in graph.after(node.id)
        )
        rows.append(f"| {_cell(node.label)} | {_cell(node.detail)} | {_cell(ways)} |")
    return rows


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
