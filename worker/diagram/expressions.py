"""Following a journey's expressions: verbs, helpers, and what is known of everything else."""

import ast
import inspect
import operator
from collections.abc import Callable
from enum import Enum
from typing import Any

from worker.diagram import source, wording
from worker.diagram.decisions import Decisions
from worker.diagram.errors import construct
from worker.diagram.passage import Frame
from worker.diagram.source import Method
from worker.diagram.steps import Arguments, UnclearStepError, step_of
from worker.diagram.values import End, Fate, Group, Happened, Known, Receipt, Unknown, Value
from workflows.journey import Parameter

_QUESTIONS = ("address_refused", "out_of_vouchers")
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class Expressions(Decisions):
    """What an expression is, on this path."""

    def evaluate(self, node: ast.expr) -> Value:
        """Follow an expression; verbs in it become steps.

        Raises:
            UndrawableError: it does something that cannot be followed.
        """
        match node:
            case ast.Constant(value=literal):
                return Known(literal)
            case ast.Name():
                return self._name(node)
            case ast.Await(value=ast.Call() as call):
                return self._call(call, awaited=True)
            case ast.Call():
                return self._call(node, awaited=False)
            case ast.Attribute():
                return self._attribute(node)
            case ast.NamedExpr(target=target, value=inner):
                value = self.evaluate(inner)
                self.frame.names[target.id] = value
                return value
            case ast.BoolOp(op=op, values=parts):
                for part in parts[:-1]:
                    value = self.evaluate(part)
                    if self.truth_of(value, part) is isinstance(op, ast.Or):
                        return value
                return self.evaluate(parts[-1])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Known(not self.truth(operand))
            case ast.Compare():
                return Known(self.compare(node))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.evaluate(body if self.truth(test) else orelse)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return Group(tuple(self.evaluate(part) for part in parts))
            case ast.JoinedStr(values=parts):
                return self._joined(node, parts)
            case ast.BinOp(left=left, op=op, right=right):
                return self._fold(node, [self.evaluate(left), self.evaluate(right)], _ARITHMETIC.get(type(op)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._fold(node, [self.evaluate(operand)], operator.neg)
            case ast.Subscript(value=inner, slice=index):
                return self._item(node, self.evaluate(inner), self.evaluate(index))
            case ast.Dict() | ast.Set() | ast.Slice() | ast.Lambda() | ast.UnaryOp() | ast.FormattedValue():
                return self._text(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._text(node)
            case _:
                raise self.undrawable(node, f"cannot follow {construct(node)}")

    def _text(self, node: ast.expr) -> Value:
        """What is only known as text; it must not hide a step."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Await | ast.NamedExpr):
                raise self.undrawable(inner, f"cannot follow {construct(inner)} inside {construct(node)}")
        return Unknown(wording.source(node))

    def _name(self, node: ast.Name) -> Value:
        if node.id in self.frame.names:
            return self.frame.names[node.id]
        namespace = self.frame.method.namespace
        if node.id in namespace:
            return Known(namespace[node.id])
        builtins = namespace["__builtins__"]
        known = builtins if isinstance(builtins, dict) else vars(builtins)
        return Known(known[node.id]) if node.id in known else Unknown(wording.source(node))

    def _attribute(self, node: ast.Attribute) -> Value:
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return self._own(node)
        base = self.evaluate(node.value)
        match base:
            case Known(value) if hasattr(value, node.attr):
                return Known(getattr(value, node.attr))
            case Receipt() if node.attr in _QUESTIONS:
                return Fate(base, node.attr)
            case Happened(place):
                return Unknown(node.attr, place)
            case Unknown(text, place):
                return Unknown(f"{text} {node.attr}", place)
            case _:
                return Unknown(wording.source(node))

    def _own(self, node: ast.Attribute) -> Value:
        """An attribute of the journey itself."""
        name = node.attr
        if name in self.fields:
            return self.fields[name]
        if source.is_property(self.journey, name) and (method := source.method_of(self.journey, name)):
            return self._follow(method, node, [], {})
        found = inspect.getattr_static(self.journey, name, None)
        if isinstance(found, Parameter):
            return self._parameter(found)
        if found is None or callable(found) or isinstance(found, property):
            return Unknown(wording.spoken(name))
        return Known(getattr(self.journey, name))

    def _parameter(self, parameter: Parameter[Any]) -> Value:
        """A choice between few values is open, for the picture shows every way; a number or a time is as set."""
        value = parameter.value(self.values)
        if parameter.name in self.values or not isinstance(value, bool | Enum):
            return Known(value)
        others = [True, False] if isinstance(value, bool) else list(type(value))
        options = [value, *(other for other in others if other is not value)]
        return Known(self.settle(("parameter", parameter.name), options))

    def _joined(self, node: ast.JoinedStr, parts: list[ast.expr]) -> Value:
        values = [self.evaluate(part.value if isinstance(part, ast.FormattedValue) else part) for part in parts]
        if all(isinstance(value, Known) for value in values):
            return Known("".join(str(value.value) for value in values if isinstance(value, Known)))
        return Unknown(wording.source(node))

    def _fold(self, node: ast.expr, values: list[Value], compute: Callable[..., Any] | None) -> Value:
        """Compute what is certain."""
        if compute is not None and all(isinstance(value, Known) for value in values):
            try:
                return Known(compute(*(value.value for value in values if isinstance(value, Known))))
            except Exception:  # noqa: BLE001, S110 - whatever the author's own expression raises, it is not certain
                pass
        place = next((value.place for value in values if isinstance(value, Unknown) and value.place), ())
        return Unknown(wording.source(node), place)

    def _item(self, node: ast.Subscript, base: Value, index: Value) -> Value:
        match base, index:
            case Group(values), Known(int() as number) if -len(values) <= number < len(values):
                return values[number]
            case Unknown("properties", place), Known(str() as name):
                return Unknown(name, place)
            case _:
                return self._fold(node, [base, index], operator.getitem)

    # Calls

    def _call(self, node: ast.Call, *, awaited: bool) -> Value:
        func = node.func
        own = isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "self"
        if own and isinstance(func, ast.Attribute):
            return self._call_own(node, func.attr, awaited=awaited)
        if awaited:
            raise self.undrawable(
                node, f"cannot follow await {construct(node)}; only the journey's own verbs and methods are drawn"
            )
        callee = self.evaluate(func)
        args, named = self._arguments(node)
        if isinstance(func, ast.Attribute) and func.attr == "get" and args and isinstance(args[0], Known):
            base = self.evaluate(func.value)
            if isinstance(base, Unknown) and base.text == "properties":
                return Unknown(str(args[0].value), base.place)
        if isinstance(func, ast.Attribute) and func.attr == "patched":
            return Known(True)  # those who enter now take the new way
        if isinstance(callee, Known) and not named and _computable(callee.value):
            return self._fold(node, args, callee.value)
        if (
            isinstance(callee, Known)
            and _computable(callee.value)
            and all(isinstance(v, Known) for v in named.values())
        ):
            keywords = {name: value.value for name, value in named.items() if isinstance(value, Known)}
            return self._fold(node, args, lambda *given: callee.value(*given, **keywords))
        place = next((value.place for value in (callee, *args) if isinstance(value, Unknown) and value.place), ())
        return Unknown(wording.source(node), place)

    def _call_own(self, node: ast.Call, name: str, *, awaited: bool) -> Value:
        args, named = self._arguments(node)
        method = source.method_of(self.journey, name)
        if method is not None:
            if isinstance(method.node, ast.AsyncFunctionDef) is not awaited:
                raise self.undrawable(
                    node, f"{construct(node)} must be awaited" if not awaited else f"{name} is not async"
                )
            return self._follow(method, node, args, named)
        try:
            if name == "end":
                outcome = Arguments(self.journey, name, args, named).known("outcome")
                chosen = any(isinstance(arg, ast.IfExp) for arg in node.args)  # two ends in one line
                return End((*self.place(node), (outcome,)) if chosen else self.place(node), outcome)
            verb = inspect.getattr_static(self.journey, name, None)
            if not inspect.iscoroutinefunction(verb):
                return Unknown(wording.source(node))
            if not awaited:
                raise self.undrawable(node, f"{construct(node)} must be awaited where it stands")
            given = Arguments(self.journey, name, args, named)
            step = step_of(self.journey, name, self.place(node), given, self.refused)
        except UnclearStepError as error:
            raise self.undrawable(node, f"cannot draw {construct(node)}: {error}") from error
        if step is None:
            raise self.undrawable(node, f"the verb {name} cannot be drawn yet")
        return self.visit(node, step)

    def _arguments(self, node: ast.Call) -> tuple[list[Value], dict[str, Value]]:
        args: list[Value] = []
        for arg in node.args:
            value = self.evaluate(arg.value if isinstance(arg, ast.Starred) else arg)
            if not isinstance(arg, ast.Starred):
                args.append(value)
            elif isinstance(value, Group):
                args.extend(value.values)
            elif isinstance(value, Known) and isinstance(value.value, tuple | list):
                args.extend(Known(each) for each in value.value)
            else:
                raise self.undrawable(node, f"cannot follow {construct(arg)}")
        named: dict[str, Value] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self.undrawable(node, f"cannot follow **{construct(keyword.value)}")
            named[keyword.arg] = self.evaluate(keyword.value)
        return args, named

    def _follow(self, method: Method, node: ast.expr, args: list[Value], named: dict[str, Value]) -> Value:
        """Go into a helper, and come back with what it answers."""
        if any(frame.method.name == method.name for frame in self.frames):
            raise self.undrawable(node, f"{method.name} calls itself; a loop says it in a way that can be drawn")
        names = self._bind(method, node, args, named)
        called_at = (self.frame.method.name, node.lineno, node.col_offset, *self.frame.turns)
        self.frames.append(Frame(method, names, called_at))
        value = self.follow_body(method)
        self.frames.pop()
        self.frame.answers.append(value)
        return value

    def _bind(self, method: Method, node: ast.expr, args: list[Value], named: dict[str, Value]) -> dict[str, Value]:
        given = method.node.args
        if given.vararg or given.kwarg:
            raise self.undrawable(method.node, f"cannot follow {method.name}: it takes * or **")
        positional = [arg.arg for arg in (*given.posonlyargs, *given.args)][1:]
        defaults: list[tuple[str, ast.expr | None]] = [
            *zip(positional[::-1], given.defaults[::-1], strict=False),
            *((arg.arg, default) for arg, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)),
        ]
        names = {name: self.evaluate(default) for name, default in defaults if default is not None}
        names.update(zip(positional, args, strict=False))
        names.update(named)
        missing = {*positional, *(arg.arg for arg in given.kwonlyargs)} - names.keys()
        if missing or len(args) > len(positional):
            raise self.undrawable(node, f"{construct(node)} does not fit {method.name}")
        return {name: called(name, value) for name, value in names.items()}

    def follow_body(self, method: Method) -> Value:
        """Follow a method to its return; statements do it."""
        raise NotImplementedError


def called(name: str, value: Value) -> Value:
    """A value under the name its author gave it, which says more than the expression it came from."""
    if isinstance(value, Unknown) and not value.text.replace(" ", "").isalnum():
        return Unknown(wording.spoken(name), value.place)
    return value


def _computable(callee: Any) -> bool:
    """Whether calling it now gives what calling it in a running journey would."""
    if inspect.isbuiltin(callee) and getattr(callee, "__self__", None) is not None:
        return True  # a method of a plain value, such as "a".upper or timedelta.total_seconds
    module = getattr(callee, "__module__", "") or ""
    if callee in {open, input, print, exec, eval}:
        return False
    return module in {"builtins", "datetime", "math"} or module.partition(".")[0] in {"workflows", "activities"}
