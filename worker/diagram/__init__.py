"""The picture of a journey, drawn from its code: `draw` it, then show it as JSON, Mermaid or SVG."""

from worker.diagram.docs import write_docs
from worker.diagram.draw import draw
from worker.diagram.errors import UndrawableError
from worker.diagram.graph import Edge, Graph, Kind, Node, as_json
from worker.diagram.mermaid import as_mermaid
from worker.diagram.svg import as_svg
from worker.diagram.walk import OffThePictureError, walk

__all__ = [
    "Edge",
    "Graph",
    "Kind",
    "Node",
    "OffThePictureError",
    "UndrawableError",
    "as_json",
    "as_mermaid",
    "as_svg",
    "draw",
    "walk",
    "write_docs",
]
