"""The picture as JSON, Mermaid and SVG, and in the documentation."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import workflows
from tests.worker.diagram import toys
from worker.diagram import as_json, as_mermaid, as_svg, draw
from worker.diagram.docs import documents, write_docs
from worker.diagram.layout import lay_out
from worker.diagram.shapes import Card
from worker.diagram.text_width import wrap

DOCS = Path(__file__).parents[3] / "docs" / "journeys"
HISTORIES = Path(__file__).parents[2] / "histories"  # of the journeys that are shipped
NAMES = list(workflows.catalogue())
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", NAMES)
def test_json_has_every_card_and_line(name: str) -> None:
    """A console can put counts on the cards: each has the name under which the journey records it."""
    drawn = json.loads(json.dumps(as_json(draw(workflows.catalogue()[name]))))
    assert drawn["journey"] == name
    ids = [node["id"] for node in drawn["nodes"]]
    assert len(set(ids)) == len(ids)
    assert all(edge["from"] in ids and edge["to"] in ids for edge in drawn["edges"])
    assert all(node["step"] for node in drawn["nodes"] if node["kind"] not in {"start", "choice"})


def overlap(a: Card, b: Card) -> bool:
    """Whether two cards cover each other."""
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


@pytest.mark.parametrize("name", NAMES)
def test_no_card_covers_another(name: str) -> None:
    """Every card can be read, and stands inside the picture."""
    layout = lay_out(draw(workflows.catalogue()[name]))
    cards = layout.cards
    assert not [(a.node.id, b.node.id) for a in cards for b in cards if a is not b and overlap(a, b)]
    assert all(card.x >= 0 and card.right <= layout.width and card.bottom <= layout.height for card in cards)


@pytest.mark.parametrize("name", NAMES)
def test_no_line_runs_through_a_card(name: str) -> None:
    """A line that passes under a card would look as if it led there."""
    layout = lay_out(draw(workflows.catalogue()[name]))
    for line in layout.lines:
        for (x0, y0), (x1, y1) in zip(line.points, line.points[1:], strict=False):
            left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
            crossed = [
                card.node.id
                for card in layout.cards
                if card.x + 1 < right and left < card.right - 1 and card.y + 1 < bottom and top < card.bottom - 1
            ]
            assert not crossed, (line.edge, crossed)


@pytest.mark.parametrize("name", NAMES)
def test_the_svg_stands_alone(name: str) -> None:
    """It is well-formed, has a title and a description, looks right in light and dark, and fetches nothing."""
    text = as_svg(draw(workflows.catalogue()[name]))
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert root.get("aria-labelledby") == "diagram-title diagram-desc"
    assert (root.findtext(f"{SVG}title") or "").startswith(f"{name}: ")
    assert "→" in (root.findtext(f"{SVG}desc") or "")
    assert "prefers-color-scheme:dark" in text
    assert not re.search(r"(href|src)=|url\(|<script", text)


def test_words_of_an_author_stay_words() -> None:
    """Whatever an author writes is shown, and never becomes markup."""
    graph = draw(toys.Quoted)
    texts = [element.text for element in ET.fromstring(as_svg(graph)).iter(f"{SVG}text")]  # noqa: S314 - our own
    assert "toy.<b>began</b>" in texts
    mermaid = as_mermaid(graph)
    assert '["Wait 1 day<br/>1#46; #34;time#34; #38; #91;more#93; #124; #96;time#96;"]' in mermaid
    assert '(["#60;end#62; #35;1"])' in mermaid


@pytest.mark.parametrize("name", NAMES)
def test_mermaid_has_every_line(name: str) -> None:
    """A wiki draws the same cards and lines, dashed where something fails."""
    graph = draw(workflows.catalogue()[name])
    drawn = as_mermaid(graph).splitlines()
    assert drawn[0] == "flowchart TD"
    assert len([line for line in drawn if "-->" in line]) == len([edge for edge in graph.edges if edge.kind == "main"])
    assert len([line for line in drawn if "-.->" in line]) == len([edge for edge in graph.edges if edge.kind != "main"])


def test_long_words_keep_a_line_to_themselves() -> None:
    """No text is cut off: what is too long is wrapped between words."""
    assert wrap("a very-long-template-name here", 12, 60) == ["a", "very-long-template-name", "here"]


def test_the_pictures_in_the_documentation_are_current() -> None:
    """The documentation shows the journeys as they are; `write_docs` brings it up to date."""
    drawn = documents()
    shown = {path.name for path in DOCS.iterdir()}
    assert {f"{folder.name}.svg" for folder in HISTORIES.iterdir() if list(folder.glob("*.json"))} <= shown
    for name in shown & set(drawn):
        assert (DOCS / name).read_text(encoding="utf-8") == drawn[name], f"{name}: write_docs(docs/journeys)"


def test_the_documentation_is_written_where_it_is_told(tmp_path: Path) -> None:
    """One SVG and one page a journey."""
    written = write_docs(tmp_path / "journeys")
    assert sorted(path.name for path in written) == sorted(f"{name}.{form}" for name in NAMES for form in ("svg", "md"))
