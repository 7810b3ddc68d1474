"""Which templates a journey's code names, as far as reading it tells."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from activities.channels import Channel

CHANNELS = {channel.name: channel for channel in Channel}
ABOUT = {"Sent": None, "Delivered": None, "Opened": Channel.EMAIL, "Clicked": Channel.EMAIL}
ANYTHING = ".+"


@dataclass(frozen=True)
class Names:
    """A place that names templates.

    Attributes:
        line: of the place.
        channel: for which they must be written; None where reading does not tell, and any will do.
        patterns: what the names look like; none where reading does not tell.
    """

    line: int
    channel: Channel | None
    patterns: tuple[re.Pattern[str], ...]

    @staticmethod
    def shown(pattern: re.Pattern[str]) -> str:
        """The name as a person reads it: ``...-offer`` where its beginning is open."""
        return pattern.pattern.replace(ANYTHING, "...").replace("\\", "")


def sends(journey: ast.ClassDef) -> Iterator[Names]:
    """Every ``self.send(...)``, and every condition about a message, of a journey.

    Args:
        journey: its class.
    """
    for node in journey.body:
        for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
            function = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None
            match call.func:
                case ast.Attribute(value=ast.Name(id="self"), attr="send"):
                    channel = _channel(_argument(call, 0, "channel"))
                    named = _argument(call, 1, "template")
                case ast.Name(id=condition) if condition in ABOUT:
                    channel = _channel(_argument(call, 1, "channel")) or ABOUT[condition]
                    named = _argument(call, 0, "template")
                case _:
                    continue
            if named is not None:
                yield Names(call.lineno, channel, tuple(re.compile(each) for each in _texts(named, function, journey)))


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    if len(call.args) > position:
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _channel(node: ast.expr | None) -> Channel | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return CHANNELS.get(name)
        case _:
            return None


def _texts(
    node: ast.expr, function: ast.FunctionDef | ast.AsyncFunctionDef | None, journey: ast.ClassDef
) -> Iterator[str]:
    """What an expression may be, as patterns: a text, one with gaps, one of two, an attribute, or a variable."""
    match node:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
        case ast.JoinedStr(values=parts):
            yield from map("".join, product(*(_part(part, function, journey) for part in parts)))
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one, function, journey)
            yield from _texts(other, function, journey)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            for value in _assigned(journey, name):
                yield from _text_of(value)
        case ast.Name(id=name) if function is not None:
            for value in (*_assigned(function, name), *_passed(journey, function, name)):
                if not isinstance(value, ast.Name):  # a name for a name could go round
                    yield from _texts(value, function, journey)
        case ast.Name(id=name):  # in the class itself: one of its parameters
            for value in _assigned(journey, name):
                yield from _text_of(value)
        case _:
            return


def _text_of(value: ast.expr) -> Iterator[str]:
    """A text as a class declares it: plain, or ``Parameter("...", ...)``, or ``Parameter(Template("..."), ...)``."""
    while isinstance(value, ast.Call) and value.args:
        value = value.args[0]
    match value:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
        case _:
            return


def _part(part: ast.expr, function: ast.FunctionDef | ast.AsyncFunctionDef | None, journey: ast.ClassDef) -> list[str]:
    """What a part of a text may be: itself, each arm of a split, or a gap."""
    match part:
        case ast.Constant(value=text):
            return [re.escape(str(text))]
        case ast.FormattedValue(value=ast.Name(id=name)) if function is not None:
            arms = [arm for value in _assigned(function, name) for arm in _arms(value, journey)]
            return [re.escape(arm) for arm in arms] or [ANYTHING]
        case _:
            return [ANYTHING]


def _arms(value: ast.expr, journey: ast.ClassDef) -> Iterator[str]:
    """The arms of ``await self.split(self.NAME)``, as the class lists them."""
    match value:
        case ast.Await(value=ast.Call(func=ast.Attribute(attr="split"), args=[ast.Attribute(attr=name)])):
            for declared in _assigned(journey, name):
                match declared:
                    case ast.Call(args=[ast.Dict(keys=arms), *_]):
                        yield from (str(arm.value) for arm in arms if isinstance(arm, ast.Constant))
                    case _:
                        continue
        case _:
            return


def _assigned(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    """What is assigned to a name, one of several at once included."""
    for node in ast.walk(scope):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                yield node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for one, value in zip(target.elts, node.value.elts, strict=False):
                    if isinstance(one, ast.Name) and one.id == name:
                        yield value


def _passed(journey: ast.ClassDef, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Iterator[ast.expr]:
    """What the journey's own calls of a method pass for one of its arguments."""
    names = [argument.arg for argument in function.args.args[1:]]
    if name not in names:
        return
    for call in ast.walk(journey):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=method)) if method == function.name:
                value = _argument(call, names.index(name), name)
                if value is not None:
                    yield value
            case _:
                continue
