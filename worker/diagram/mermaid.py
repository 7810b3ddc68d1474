"""The picture as Mermaid: text that a wiki or a forge draws."""

from worker.diagram.graph import OTHERWISE, Edge, Graph, Kind, Node

_SHAPES = {
    Kind.START: ("([", "])"),
    Kind.CHECK: ("{{", "}}"),
    Kind.CHOICE: ("{{", "}}"),
    Kind.SPLIT: ("{{", "}}"),
    Kind.END: ("([", "])"),
}
_BOX = ("[", "]")
# What would end a label, begin a tag, or be read as a list or a link; Mermaid takes #NUMBER; for any character.
_ESCAPED = {character: f"#{ord(character)};" for character in '#"<>&`\\|{}[]()'}
_CLASSES = (
    "classDef start fill:#0b6170,stroke:#0b6170,color:#ffffff",
    "classDef goal stroke:#0b6170,stroke-width:2px",
    "classDef failure stroke-dasharray:4 3",
)


def as_mermaid(graph: Graph) -> str:
    """The picture as a Mermaid flowchart, from top to bottom."""
    ids = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    lines += [f"    {ids[node.id]}{_shape(node)}" for node in graph.nodes]
    lines += [f"    {ids[edge.source]} {_arrow(edge)} {ids[edge.target]}" for edge in graph.edges]
    lines += [f"    {definition}" for definition in _CLASSES]
    for name, members in _members(graph).items():
        if members:
            lines.append(f"    class {','.join(ids[member] for member in members)} {name}")
    return "\n".join(lines) + "\n"


def _members(graph: Graph) -> dict[str, list[str]]:
    return {
        "start": [node.id for node in graph.nodes if node.kind is Kind.START],
        "goal": [node.id for node in graph.nodes if node.kind is Kind.END and node.goal],
        "failure": [node.id for node in graph.nodes if node.failure],
    }


def _shape(node: Node) -> str:
    begin, end = _SHAPES.get(node.kind, _BOX)
    text = f"{_escaped(node.label)}<br/>{_escaped(node.detail)}" if node.detail else _escaped(node.label)
    return f'{begin}"{text}"{end}'


def _arrow(edge: Edge) -> str:
    arrow = "-.->" if edge.kind == OTHERWISE else "-->"
    return f'{arrow}|"{_escaped(edge.label)}"|' if edge.label else arrow


def _escaped(text: str) -> str:
    """A label as Mermaid reads it: its own signs as numbers, and no `1. ` that would make it a list."""
    escaped = "".join(_ESCAPED.get(character, character) for character in text)
    head, dot, rest = escaped.partition(". ")
    return f"{head}#46; {rest}" if dot and head.isdigit() else escaped
