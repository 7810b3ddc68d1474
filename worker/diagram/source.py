"""The source of a journey class: its methods as syntax trees, with the lines of the file."""

import ast
import inspect
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from worker.diagram.errors import UndrawableError
from workflows.journey import Journey

Definition = ast.FunctionDef | ast.AsyncFunctionDef
_LANGUAGE = "workflows.journey"


@dataclass(frozen=True)
class Method:
    """A method or function whose code can be followed.

    Attributes:
        name: its own.
        file: where it stands.
        node: its definition.
        namespace: the module's names.
    """

    name: str
    file: str
    node: Definition
    namespace: dict[str, Any]


def run_of(journey: type[Journey]) -> Method:
    """The journey's `run`, as its author wrote it."""
    return _read(inspect.unwrap(journey.__dict__["run"]))


def method_of(journey: type[Journey], name: str) -> Method | None:
    """A method of the journey's own, or of a mix-in; None for what belongs to the journey language."""
    found = inspect.getattr_static(journey, name, None)
    if isinstance(found, staticmethod | classmethod):
        return None
    function = found.fget if isinstance(found, property) else found
    if not isinstance(function, FunctionType) or function.__module__.startswith(_LANGUAGE):
        return None
    return _read(inspect.unwrap(function))


def is_property(journey: type[Journey], name: str) -> bool:
    """Whether the name is a property: read, not called."""
    return isinstance(inspect.getattr_static(journey, name, None), property)


@cache  # each call of a helper asks for it, and looking through its file took a third of a drawing
def _read(function: Any) -> Method:
    file = inspect.getsourcefile(function)
    line = function.__code__.co_firstlineno
    if file is None or not Path(file).exists():
        raise UndrawableError(function.__module__, line, f"the source of {function.__name__} cannot be read")
    for node in ast.walk(_parsed(file)):
        if isinstance(node, Definition) and node.name == function.__name__:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first == line:
                return Method(function.__qualname__, file, node, function.__globals__)
    raise UndrawableError(file, line, f"{function.__name__} is not where it was imported from")


@cache
def _parsed(file: str) -> ast.Module:
    return ast.parse(Path(file).read_text(encoding="utf-8"), file)


def is_module(value: object, name: str) -> bool:
    """Whether a value is the module of that name."""
    return isinstance(value, ModuleType) and value.__name__ == name
