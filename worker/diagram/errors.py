"""What the drawing says when it cannot follow a journey's code."""

import ast
from pathlib import Path


class UndrawableError(Exception):
    """A journey's code cannot be followed; the message names file, line and construct."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{Path(file).name}, line {line}: {what}")
        self.line = line


def construct(node: ast.AST) -> str:
    """A piece of code as a message can quote it."""
    text = ast.unparse(node).splitlines()[0]
    return text if len(text) <= 60 else f"{text[:57]}..."
